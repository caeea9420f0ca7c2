/** Header fields in the order in which they came: names in lower case and values in turn. */
export type Fields = readonly string[]

/** All lines of a field as one list (RFC 9110 section 5.3). */
export function valueOf(fields: Fields, name: string): string | undefined {
  let value: string | undefined

  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] === name) {
      const line = fields[index + 1] ?? ''

      value = value === undefined ? line : `${value}, ${line}`
    }
  }

  return value
}

export function without(fields: Fields, isDropped: (name: string) => boolean): string[] {
  const kept: string[] = []

  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''

    if (!isDropped(name)) {
      kept.push(name, fields[index + 1] ?? '')
    }
  }

  return kept
}

/** The field with this one line in place of those that it had. */
export function replaced(fields: Fields, name: string, value: string): string[] {
  return [...without(fields, one => one === name), name, value]
}
