/** API keys with a known prefix. Reads words of `A-Z a-z 0-9 _ -` in a single pass. */

import {
  type CharacterClass,
  characterClass,
  type Detector,
  isIn,
  isWordStart,
  type Match,
  runEnd,
  runStart,
  wordStart,
} from '../detector.ts'
import { isPlaceholder, looksRandom } from './looks-random.ts'
import { hasTokenChecksum } from './token-checksum.ts'

interface TokenKind {
  readonly rule: string
  readonly why: string
  /** Matches the whole word; with an open end, words longer than `longest` are judged by their start. */
  readonly form: RegExp
  /** Default: the part after the prefix looks random. */
  readonly isGenuine?: (token: string) => boolean
}

const afterPrefix = (token: string): string => token.slice(token.indexOf('_') + 1)
const checksummed = (token: string): boolean => hasTokenChecksum(afterPrefix(token))

/** By first character. The first match sets the name. */
const kinds: Readonly<Record<string, readonly TokenKind[]>> = byFirstCharacter([
  [
    'A',
    'aws',
    'access key of AWS',
    /^A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}$/,
    (token) => !token.endsWith('EXAMPLE'),
  ],
  ['A', 'google', 'API key of Google', /^AIza[\w-]{35}$/],
  ['A', 'age', 'secret key of age', /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/],
  ['G', 'google', 'client secret of Google', /^GOCSPX-[\w-]{28}$/],
  ['d', 'databricks', 'token of Databricks', /^dapi[0-9a-f]{32}(?:-\d)?$/],
  ['d', 'digitalocean', 'token of DigitalOcean', /^do[opr]_v1_[0-9a-f]{64}$/],
  ['d', 'docker', 'token of Docker', /^dckr_pat_[\w-]{27}$/],
  ['g', 'github', 'token of GitHub', /^gh[pousr]_[0-9A-Za-z]{36}$/, checksummed],
  ['g', 'github', 'token of GitHub', /^gh[pousr]_[0-9A-Za-z]{37,}$/],
  ['g', 'github', 'token of GitHub', /^github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}$/],
  ['g', 'gitlab', 'token of GitLab', /^gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{20,}$/],
  ['g', 'grafana', 'token of Grafana', /^glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}$/],
  ['g', 'groq', 'API key of Groq', /^gsk_[0-9A-Za-z]{52}$/],
  ['h', 'hadal', 'key of Hadal', /^hdl_[\w-]{43}$/],
  ['h', 'huggingface', 'token of Hugging Face', /^hf_[0-9A-Za-z]{34,}$/],
  ['l', 'linear', 'API key of Linear', /^lin_api_[0-9A-Za-z]{40}$/],
  ['n', 'npm', 'token of npm', /^npm_[0-9A-Za-z]{36}$/, checksummed],
  ['p', 'perplexity', 'API key of Perplexity', /^pplx-[0-9A-Za-z]{48}$/],
  ['p', 'pypi', 'token of PyPI', /^pypi-AgE[\w-]{50,}$/],
  ['r', 'replicate', 'token of Replicate', /^r8_[0-9A-Za-z]{37}$/],
  ['r', 'stripe', 'key of Stripe', /^rk_(?:live|test)_[0-9A-Za-z]{16,}$/],
  ['s', 'stripe', 'key of Stripe', /^sk_(?:live|test)_[0-9A-Za-z]{16,}$/],
  ['s', 'anthropic', 'API key of Anthropic', /^sk-ant-[a-z]{2,10}\d\d-[\w-]{40,}$/],
  ['s', 'openrouter', 'API key of OpenRouter', /^sk-or-v1-[0-9a-f]{64}$/],
  ['s', 'openai', 'API key of OpenAI', /^sk-(?:proj|svcacct|admin)-[\w-]{32,}$/],
  ['s', 'openai', 'API key of OpenAI', /^sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}$/],
  ['s', 'deepseek', 'API key of DeepSeek', /^sk-[0-9a-f]{32}$/],
  ['s', 'api_key', 'API key', /^sk-[0-9A-Za-z]{32,}$/],
  ['s', 'shopify', 'token of Shopify', /^shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}$/],
  ['w', 'stripe', 'signing secret of Stripe', /^whsec_[0-9A-Za-z]{32,}$/],
  ['x', 'slack', 'token of Slack', /^xox[abcdeoprs]-[\w-]{10,}$/],
  ['x', 'slack', 'token of Slack', /^xapp-\d-[\w-]{20,}$/],
  ['x', 'xai', 'API key of xAI', /^xai-[0-9A-Za-z]{80}$/],
])

const word: CharacterClass = characterClass('\\w-')
/** Minimum length of any kind. */
const shortest = 15
/** Longer words are judged by this many characters. */
const longest = 512

export const tokenDetector: Detector = {
  *find(text, from) {
    // Words that started earlier are final.
    let at = isWordStart(word, text, from) ? from : runEnd(word, text, from)
    while (at < text.length) {
      if (!isIn(word, text.charCodeAt(at))) {
        at += 1
        continue
      }
      const end = runEnd(word, text, at)
      if (end - at >= shortest) {
        const match = tokenOf(text, wordStart(text, at), end)
        if (match !== undefined) yield match
      }
      at = end
    }
  },
  openFrom(text) {
    const start = runStart(word, text, text.length, longest + 1)
    return text.length - start > longest ? text.length : start
  },
}

function tokenOf(text: string, start: number, end: number): Match | undefined {
  const kindsOf = kinds[text[start]!]
  if (kindsOf === undefined) return undefined
  const token = text.slice(start, Math.min(end, start + longest))
  for (const { rule, why, form, isGenuine = looksGenuine } of kindsOf)
    if (form.test(token) && isGenuine(token)) {
      const match = { rule: `secret.${rule}`, start, end, why, replacement: `[${rule} key]` }
      return end - start > longest ? { ...match, grows: word } : match
    }
  return undefined
}

const looksGenuine = (token: string): boolean => looksRandom(token.slice(5)) && !isPlaceholder(token)

function byFirstCharacter(
  rows: readonly (readonly [
    first: string,
    rule: string,
    why: string,
    form: RegExp,
    isGenuine?: (token: string) => boolean,
  ])[],
): Record<string, TokenKind[]> {
  const table: Record<string, TokenKind[]> = {}
  for (const [first, rule, why, form, isGenuine] of rows) {
    table[first] ??= []
    table[first].push({ rule, why, form, ...(isGenuine && { isGenuine }) })
  }
  return table
}
