/**
 * Logarithm, exponential and power by + - * / alone. ECMAScript leaves the last bits of `Math.log` and its like to the
 * engine (ECMA-262 section 21.3.2), and one bit decides which of two events comes first.
 */

/** ln 2 in two parts: a multiple of the first by a small whole number is exact. */
const LN2_HIGH = 0.69314718036912381649
const LN2_LOW = 1.90821492927058770002e-10

/** Enough terms of the series for the last bit in the reduced range. */
const LOG_TERMS = 23
const EXP_TERMS = 14

const words = new DataView(new ArrayBuffer(8))

/** The natural logarithm of a positive number. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  if (x === Infinity) return x

  // Subnormal numbers are brought into the normal range first.
  const scaled = x < 2 ** -1022 ? x * 2 ** 54 : x

  words.setFloat64(0, scaled)

  const top = words.getUint32(0)
  let exponent = (top >>> 20) - 1022 - (scaled === x ? 0 : 54)

  words.setUint32(0, (top & 0x000fffff) | 0x3fe00000)

  let mantissa = words.getFloat64(0)

  if (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    exponent -= 1
  }

  // ln m = 2 artanh((m - 1) / (m + 1)), the argument below 0.172.
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0

  for (let term = LOG_TERMS; term >= 3; term -= 2) sum = (sum + 1 / term) * square

  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * sum + 2 * s)
}

/** e to the power of `x`. */
export function exp(x: number): number {
  if (x > 709.78) return Infinity
  if (x < -745.2) return 0
  if (x !== x) return x

  const halvings = Math.round(x / Math.LN2)
  const r = x - halvings * LN2_HIGH - halvings * LN2_LOW
  let sum = 1

  for (let term = EXP_TERMS; term >= 1; term -= 1) sum = 1 + (sum * r) / term

  // In two steps: 2^-1075 alone would be 0 where the product is not.
  const half = Math.trunc(halvings / 2)

  return sum * powerOfTwo(half) * powerOfTwo(halvings - half)
}

/** `base`, which is not negative, to any power. */
export function power(base: number, exponent: number): number {
  if (exponent === 0) return 1

  return base === 0 ? (exponent > 0 ? 0 : Infinity) : exp(exponent * log(base))
}

/** The length of a vector; `Math.sqrt` is exact by IEEE 754. */
export function length2(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}

function powerOfTwo(exponent: number): number {
  words.setUint32(0, (exponent + 1023) << 20)
  words.setUint32(4, 0)

  return words.getFloat64(0)
}
