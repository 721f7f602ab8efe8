/** Amounts of money, which come in millionths. Pure. */

/** `12.50 USD`: rounded to cents, with more digits for amounts below a cent. */
export function formatMoney(micros: number, currency: string): string {
  const amount =
    micros === 0 || Math.abs(micros) >= 10_000
      ? (micros / 1e6).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      : (micros / 1e6).toFixed(6).replace(/0+$/, '')
  return `${amount} ${currency}`
}
