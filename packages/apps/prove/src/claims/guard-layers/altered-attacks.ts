/** Variants of a known attack: surrounding text and typos. Seeded. */

import type { Random } from '@hadal/batching'
import { languageOf } from '@hadal/guard'

const around = {
  en: [
    'Thanks for your help yesterday, it worked.',
    'I am writing this from my phone, so please be brief.',
    'The meeting was moved to Thursday afternoon.',
    'We are a small team and do most things by hand.',
    'It rained all week and the garden is under water.',
    'My sister sends her regards, too.',
  ],
  zh: [
    '昨天谢谢你的帮助，已经好了。',
    '我在用手机写，请简短一点。',
    '会议改到星期四下午了。',
    '我们是个小团队，很多事都靠手工。',
    '这一周都在下雨，院子里全是水。',
    '我姐姐也向你问好。',
  ],
} as const

export function altered(attack: string, random: Random): string {
  const language = languageOf(attack) === 'zh' ? 'zh' : 'en'
  const oneOf = (all: readonly string[]): string => all[Math.floor(random() * all.length)]!
  const joint = language === 'zh' ? '' : ' '
  const inner = language === 'zh' ? withoutCharacters(attack, random) : withTypingErrors(attack, random)
  return [oneOf(around[language]), inner, oneOf(around[language])].join(joint)
}

/** Swaps two neighbouring letters in every eighth longer word. */
const withTypingErrors = (text: string, random: Random): string =>
  text.replace(/[A-Za-z]{4,}/g, (word) => {
    if (random() > 1 / 8) return word
    const at = 1 + Math.floor(random() * (word.length - 2))
    return word.slice(0, at) + word[at + 1]! + word[at]! + word.slice(at + 2)
  })

/** Every twelfth character is gone. */
const withoutCharacters = (text: string, random: Random): string =>
  [...text].filter(() => random() > 1 / 12).join('')
