interface Reopenable {
  reopenLogs(): Promise<void>
}

/**
 * SIGHUP opens the access log anew, after its file was moved away. On a terminal it keeps its meaning: the terminal is gone, and the node with
 * it.
 */
export function reopenLogsOnSignal(node: Reopenable, isTerminal: boolean): void {
  if (isTerminal) {
    return
  }

  process.on('SIGHUP', () => {
    // What fails is told in the log of the node.
    node.reopenLogs().catch(() => undefined)
  })
}
