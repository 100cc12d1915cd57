/*
 * Powers in fixed point, so that every machine computes the same weights bit for bit (DESIGN.md, "Evidence bundle"):
 * x^p = 2^(p log2 x). The logarithm comes from repeated squaring, one bit a step; the power of two from a product of
 * 2^(1/2), 2^(1/4), …, whose values are integer square roots. 64 fractional bits.
 */

const FRACTION_BITS = 64n;
const ONE = 1n << FRACTION_BITS;

/**
 * `(numerator / denominator) ^ (exponentMilli / 1000)` in parts per billion, rounded down.
 * @param numerator 0 <= numerator <= denominator
 */
export function powerPpb(numerator: bigint, denominator: bigint, exponentMilli: number): bigint {
  if (denominator <= 0n || numerator < 0n || numerator > denominator) {
    throw new RangeError(`${numerator}/${denominator} is not within 0..1`);
  }
  if (numerator === 0n) return 0n;
  const exponent = (minusLog2((numerator << FRACTION_BITS) / denominator) * BigInt(exponentMilli)) / 1000n;
  return (twoToMinus(exponent) * 1_000_000_000n) >> FRACTION_BITS;
}

/** ln 2 with 64 fractional bits. */
const LN_2 = 12_786_308_645_202_655_659n;

/**
 * `-ln(numerator / denominator)` in parts per billion, rounded down.
 * @param numerator 0 < numerator <= denominator
 */
export function minusLnPpb(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n || numerator <= 0n || numerator > denominator) {
    throw new RangeError(`${numerator}/${denominator} is not above 0 and at most 1`);
  }
  const log2 = minusLog2((numerator << FRACTION_BITS) / denominator);
  return (log2 * LN_2 * 1_000_000_000n) >> (2n * FRACTION_BITS);
}

/**
 * `e ^ -(numerator / denominator)` in parts per billion, rounded down.
 * @param numerator 0 <= numerator
 */
export function expMinusPpb(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n || numerator < 0n) throw new RangeError(`${numerator}/${denominator} is below 0`);
  const exponent = (numerator << (2n * FRACTION_BITS)) / (denominator * LN_2);
  return (twoToMinus(exponent) * 1_000_000_000n) >> FRACTION_BITS;
}

/** -log2(x) for 0 < x <= 1. */
function minusLog2(x: bigint): bigint {
  if (x === 0n) return FRACTION_BITS << FRACTION_BITS;
  let whole = 0n;
  let mantissa = x;
  while (mantissa < ONE) {
    mantissa <<= 1n;
    whole += 1n;
  }
  let fraction = 0n;
  for (let bit = FRACTION_BITS - 1n; bit >= 0n; bit -= 1n) {
    mantissa = (mantissa * mantissa) >> FRACTION_BITS;
    if (mantissa >= ONE << 1n) {
      mantissa >>= 1n;
      fraction |= 1n << bit;
    }
  }
  return (whole << FRACTION_BITS) - fraction;
}

/** 2^-x for x >= 0. */
function twoToMinus(x: bigint): bigint {
  const whole = x >> FRACTION_BITS;
  if (whole >= FRACTION_BITS) return 0n;
  const fraction = x & (ONE - 1n);
  let result = ONE;
  let root = ONE >> 1n;
  for (let bit = FRACTION_BITS - 1n; bit >= 0n; bit -= 1n) {
    root = integerSqrt(root << FRACTION_BITS);
    if (fraction & (1n << bit)) result = (result * root) >> FRACTION_BITS;
  }
  return result >> whole;
}

/** Largest integer whose square is at most `n`. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (let y = (x + n / x) >> 1n; y < x; y = (x + n / x) >> 1n) x = y;
  return x;
}
