/** Rules for exposed secrets. Findings never contain the value or parts of it. */

import type { FactualRule, Found } from '../rule-facts.ts'
import { fieldsAt, listAt, type Path, textAt, textOf, textsOf, wordsOf } from './read/values.ts'
import { workloadsOf } from './read/workload.ts'

const secretNames =
  /(?:^|[_-])(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEYS?|(?:API|ACCESS|ADMIN|SECRET|PRIVATE|AUTH|ENCRYPTION)[_-]KEYS?|CREDENTIALS?)(?:[_-](?:VALUE|ID_SECRET))?$/i

const knownKeys: readonly (readonly [string, RegExp])[] = [
  ['a Hugging Face token', /\bhf_[A-Za-z0-9]{20,}/],
  ['an API key', /\bsk-[A-Za-z0-9_-]{16,}/],
  ['an NVIDIA API key', /\bnvapi-[\w-]{20,}/],
  ['an AWS key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{20,}/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['a Slack token', /\bxox[abprs]-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{10,}/],
  ['a Google API key', /\bAIza[\w-]{35}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a URL with a password', /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@]*:(?!\$[({])[^\s/?#@$]+@/i],
  ['a JSON Web Token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
]

/** Left to be filled in, a reference, or a word that hides nothing. */
const harmlessValue =
  /^\s*$|^\$[({]|^<.*>$|^(?:true|false|none|null|change[_-]?me|placeholder|todo|redacted|example|x+|\*+)$|^\/|^\d+$/i

/** By nothing but its name. */
const byName = 'named like a secret'

/** The kind of secret, if the value is one. */
function secretIn(name: string, value: string): string | undefined {
  const known = knownKeys.find(([, form]) => form.test(value))
  if (known !== undefined) return known[0]
  return secretNames.test(name) && !harmlessValue.test(value) ? byName : undefined
}

const fixOf = (name: string): string => {
  const key = name.toLowerCase().replaceAll('_', '-')
  return `{ name: ${name}, valueFrom: { secretKeyRef: { name: SECRET, key: ${key} } } }`
}

const changeIt =
  'create the Secret with kubectl create secret, and rotate the value: it stays in the git history'

const reasonOf = (name: string, what: string): string =>
  what === byName
    ? `${name} is ${what}, and its value is in plain text`
    : `${name} holds ${what} as plain text`

const plainSecret: FactualRule = {
  id: 'plain_secret',
  severity: 'harmful',
  what: 'a password, key or token in a variable, an argument or a ConfigMap',
  why: 'Anyone with read access to pods or the repository can see it: kubectl get, deployment logs, git history.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { fields, path } of new Set([...containers, ...initContainers])) {
        for (const [at, variable] of listAt(fields, 'env').entries()) {
          const name = textAt(variable, 'name') ?? ''
          const what = secretIn(name, textAt(variable, 'value') ?? '')
          if (what !== undefined)
            yield {
              path: [...path, 'env', at, 'value'],
              reason: reasonOf(name, what),
              fix: `${fixOf(name)}; ${changeIt}`,
            }
        }
        for (const field of ['command', 'args']) yield* inWords(wordsOf(fields[field]), [...path, field])
      }
    if (textAt(object.manifest, 'kind') !== 'ConfigMap') return
    for (const [key, value] of Object.entries(textsOf(object.manifest.data))) {
      const what = secretIn(key, value)
      const name = what === undefined ? assignedIn(value) : key
      if (name === undefined) continue
      yield {
        path: ['data', key],
        reason: what === undefined ? `in ${key}, ${reasonOf(name, byName)}` : reasonOf(key, what),
        fix: `Move ${name} to a Secret in the cluster, and mount it or read it as a variable.`,
      }
    }
  },
}

/** `password: ...`, `apiKey = "..."`, also in lists, as config files have them: the name of the first. */
function assignedIn(text: string): string | undefined {
  for (const [, name, value] of text.matchAll(
    /(?<![\w-])([\w-]{1,64})["']?[ \t]*[:=][ \t]*\[?[ \t]*["']?([^\s"',\]}]{6,})/g,
  )) {
    const words = name!.replace(/([a-z])([A-Z])/g, '$1_$2')
    if (secretIn(words, value!) === byName) return name
  }
  return undefined
}

/** `--api-key VALUE` and `--api-key=VALUE`. */
function* inWords(words: readonly string[], path: Path): Generator<Found> {
  for (const [at, word] of words.entries()) {
    const [, flag, given] = /^--?([\w-]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    const isNext = given === undefined && flag !== undefined && !(words[at + 1] ?? '-').startsWith('-')
    const value = given ?? (isNext ? words[at + 1]! : '')
    const isValue = /^--?[\w-]+$/.test(words[at - 1] ?? '')
    if (flag === undefined && isValue) continue
    const what = secretIn(flag ?? '', flag === undefined ? word : value)
    if (what === undefined) continue
    const variable = (flag ?? 'KEY').replaceAll('-', '_').toUpperCase()
    yield {
      path: [...path, isNext ? at + 1 : at],
      reason: flag === undefined ? `an argument holds ${what} as plain text` : reasonOf(`--${flag}`, what),
      fix: `"--${flag ?? 'api-key'}=$(${variable})", with env: [${fixOf(variable)}]; ${changeIt}`,
    }
  }
}

const committedSecret: FactualRule = {
  id: 'committed_secret',
  severity: 'harmful',
  what: 'a Secret manifest with its values',
  why: 'Base64 is not encryption: anyone who can read the file or its history has the values.',
  *find({ manifest }) {
    if (textAt(manifest, 'kind') !== 'Secret') return
    if (textAt(manifest, 'type') === 'kubernetes.io/service-account-token') return
    for (const field of ['data', 'stringData']) {
      const said = Object.entries(fieldsAt(manifest, field)).filter(
        ([, value]) =>
          !harmlessValue.test(textOf(value) ?? '') &&
          !(field === 'data' && harmlessValue.test(decoded(value))),
      )
      if (said.length === 0) continue
      const keys = said.map(([key]) => key).join(', ')
      const texts = said.map(([, value]) => (field === 'data' ? decoded(value) : (textOf(value) ?? '')))
      const isConfig =
        said.every(([key]) => configNames.test(key)) && !texts.some((text) => secretIn('', text))
      yield {
        path: [field],
        reason: `the ${said.length === 1 ? 'value' : 'values'} of ${keys} ${said.length === 1 ? 'is' : 'are'} in the file`,
        fix: 'Remove the Secret from the files: use kubectl create secret generic NAME --from-env-file=.env, an ExternalSecret or a SealedSecret, and rotate the values.',
        ...(isConfig ? { severity: 'advice' as const } : {}),
      }
    }
  },
}

/** Files that may hold a secret and need not. */
const configNames = /\.(ya?ml|ini|conf|cfg|json|toml|xml|properties|crt|cer)$/i

const decoded = (value: unknown): string => Buffer.from(textOf(value) ?? '', 'base64').toString('latin1')

export const secretRules: readonly FactualRule[] = [plainSecret, committedSecret]
