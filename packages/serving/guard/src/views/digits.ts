/** Parses ASCII numbers in texts. */

/** 0 to 15; -1 for other characters and the end of the text. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Value of a fixed number of hexadecimal digits; -1 if there are fewer. */
export function hexNumber(text: string, at: number, digits: number): number {
  let number = 0
  for (let place = at; place < at + digits; place += 1) {
    const digit = place < text.length ? hexDigit(text.charCodeAt(place)) : -1
    if (digit < 0) return -1
    number = number * 16 + digit
  }
  return number
}
