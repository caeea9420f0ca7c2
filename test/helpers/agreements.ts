/** The full address of a node that nobody runs; another one for each number. */
export function fullAddress(number: number): string {
  return `6409808a-3548-11db-8000-${number.toString(16).padStart(12, '0')}.${'a'.repeat(26)}`
}
