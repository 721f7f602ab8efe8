import { describe, expect, it } from 'vitest'
import { languageOf, takeLanguage } from './language.ts'

describe('the language', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_CN', LC_ALL: '' }, 'zh'],
    [{ LC_ALL: 'C', LC_MESSAGES: 'zh_CN', LANG: 'zh_CN' }, 'en'],
    [{ HADAL_LANGUAGE: 'zh', LC_ALL: 'en_US' }, 'zh'],
    [{ HADAL_LANGUAGE: 'en', LANG: 'zh_CN' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
  ] as const)('of %j is %s', (env, language) => expect(languageOf(env)).toBe(language))

  it('is taken out of a command line, but not of what stands behind --', () => {
    expect(takeLanguage(['serve', '--language', 'zh', '--port', '0'])).toEqual({
      named: 'zh',
      args: ['serve', '--port', '0'],
    })
    expect(takeLanguage(['--language=en', 'train', 'a.ts', '--', '--language', 'zh'])).toEqual({
      named: 'en',
      args: ['train', 'a.ts', '--', '--language', 'zh'],
    })
    expect(takeLanguage(['models', 'list', '--language'])).toEqual({
      named: undefined,
      args: ['models', 'list', '--language'],
    })
  })
})
