let count = 1

/** How many processes serve the sites that are begun from now on. */
export function serveWith(processes: number): void {
  count = processes
}

export function processes(): number {
  return count
}
