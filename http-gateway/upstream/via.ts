/** Whether a request has come through the node of this pseudonym (RFC 9110 section 7.6.3). */
export function hasPassed(via: string | undefined, pseudonym: string): boolean {
  return (
    via !== undefined &&
    via.split(',').some(member => member.trim().split(/\s+/)[1]?.toLowerCase() === pseudonym)
  )
}

export function addVia(via: string | undefined, version: string, pseudonym: string): string {
  const own = `${version} ${pseudonym}`

  return via === undefined ? own : `${via}, ${own}`
}
