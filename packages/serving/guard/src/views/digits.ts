/** Numbers as texts write them. Knows ASCII digits. */

/** 0 to 15; -1 for what is no hexadecimal digit, and for the end of a text. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** The number that so many hexadecimal digits stand for; -1 where there are fewer. */
export function hexNumber(text: string, at: number, digits: number): number {
  let number = 0
  for (let place = at; place < at + digits; place += 1) {
    const digit = place < text.length ? hexDigit(text.charCodeAt(place)) : -1
    if (digit < 0) return -1
    number = number * 16 + digit
  }
  return number
}
