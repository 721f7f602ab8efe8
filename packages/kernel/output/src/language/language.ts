/** Selects the language of the command line: `--language`, otherwise the environment. */

export type Language = 'en' | 'zh'

export const languages: readonly Language[] = ['en', 'zh']

/** HADAL_LANGUAGE, otherwise POSIX message locale: the first of LC_ALL, LC_MESSAGES and LANG that is set. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const named = env.HADAL_LANGUAGE || env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^zh/i.test(named) ? 'zh' : 'en'
}

export interface LanguageTaken {
  /** The value of `--language`, if given. */
  readonly named: string | undefined
  readonly args: readonly string[]
}

/**
 * Extracts `--language zh` or `--language=zh` from anywhere before `--`, so that every command supports it. The last one applies; one
 * without a value is left for the parser to reject.
 */
export function takeLanguage(args: readonly string[]): LanguageTaken {
  const end = args.indexOf('--')
  const [own, others] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)]
  const kept: string[] = []
  let named: string | undefined
  for (let at = 0; at < own.length; at += 1) {
    const arg = own[at]!
    const value = own[at + 1]
    if (arg.startsWith('--language=')) named = arg.slice('--language='.length)
    else if (arg === '--language' && value !== undefined && !value.startsWith('-')) {
      named = value
      at += 1
    } else kept.push(arg)
  }
  return { named, args: [...kept, ...others] }
}

export const isLanguage = (name: string): name is Language => languages.some((language) => language === name)
