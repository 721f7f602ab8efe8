/** IBANs (ISO 13616): validated by country, length and check digits; contiguous or in groups of four. */

import { type CharacterClass, characterClass, type Detector, everyMatch, isIn, openRun } from '../detector.ts'

/** Length by country (SWIFT, IBAN registry, release 99). */
const lengths: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 ' +
    'MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 ' +
    'SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((row) => [row.slice(0, 2), Number(row.slice(2))]),
)

const prefix = /(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))[A-Z]{2}\d{2}(?=[A-Z0-9]| [A-Z0-9])/g
const within: CharacterClass = characterClass('A-Z0-9')
/** 33 characters in groups of four. */
const longest = 33 + 8

export const bankAccountDetector: Detector = {
  *find(text, from) {
    for (const { 0: matched, index: start } of everyMatch(prefix, text, from)) {
      const end = accountEnd(text, start, lengths.get(matched.slice(0, 2)) ?? 0)
      if (end > start)
        yield {
          rule: 'pii.iban',
          start,
          end,
          why: 'international bank account number',
          replacement: '[iban]',
        }
    }
  },
  openFrom: openRun(characterClass('A-Z0-9 '), longest + 1),
}

/** `start` if there is no account of this length. */
function accountEnd(text: string, start: number, length: number): number {
  let [count, at] = [0, start]
  for (; count < length; at++) {
    if (isIn(within, text.charCodeAt(at))) count += 1
    else if (text[at] !== ' ' || count % 4 !== 0 || text[at - 1] === ' ') return start
  }
  const isWhole = !/[A-Za-z0-9]/.test(text[at] ?? '')
  return isWhole && hasCheckDigits(text.slice(start, at).replaceAll(' ', '')) ? at : start
}

/** ISO 7064, MOD 97-10: the first four characters move to the end; letters count from ten. */
export function hasCheckDigits(account: string): boolean {
  let rest = 0
  const turned = account.slice(4) + account.slice(0, 4)
  for (let at = 0; at < turned.length; at++) {
    const code = turned.charCodeAt(at)
    rest = code < 58 ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97
  }
  return account.length > 4 && rest === 1
}
