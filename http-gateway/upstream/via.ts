/** Whether a request has come through the node of this pseudonym (RFC 9110 section 7.6.3). */
export function hasPassed(via: string | undefined, pseudonym: string): boolean {
  // A pseudonym holds enough chance to be found nowhere else in the field.
  return via?.toLowerCase().includes(pseudonym) === true
}

export function addVia(via: string | undefined, version: string, pseudonym: string): string {
  const own = `${version} ${pseudonym}`

  return via === undefined ? own : `${via}, ${own}`
}
