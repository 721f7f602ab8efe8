/** What a person sets for this browser: light or dark, the language, and the keys of this tab. */

import { type ReactNode, useState } from 'react'
import type { Api } from '../api/access.ts'
import { Button, Menu, Segmented } from '../design/index.ts'
import { type ThemeChoice, themeChoice } from '../design/theme.ts'
import { type Language, language } from '../messages/language.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { pageOf } from './pages.ts'
import { useRoute } from './route.ts'
import { KeyDialog } from './sign-in.tsx'
import { shellWords } from './words.ts'

const themeIcons = { system: 'screen', light: 'sun', dark: 'moon' } as const
const themes: readonly ThemeChoice[] = ['system', 'light', 'dark']
/** Each by its own name. */
const languages: readonly { readonly value: Language; readonly label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh', label: '简体中文' },
]

export interface PreferencesProps {
  /** Icon menus, where space is limited. */
  readonly isCompact?: boolean
  readonly onKeys?: () => void
}

export function Preferences({ isCompact = false }: PreferencesProps): ReactNode {
  const say = useMessages(shellWords)
  const chosen = useStore(themeChoice)
  const spoken = useStore(language)
  const { page } = useRoute()
  const [api, setApi] = useState<Api>()
  const openKeys = (): void => setApi(pageOf(page)?.needsAdmin ? 'admin' : 'client')
  return (
    <div className={isCompact ? 'shell-preferences' : 'stack'}>
      {isCompact ? (
        <>
          <Menu
            kind="quiet"
            icon={themeIcons[chosen]}
            label={say.theme}
            align="start"
            opens="above"
            items={themes.map((value) => ({
              label: say[value],
              icon: themeIcons[value],
              isChecked: value === chosen,
              onPress: () => themeChoice.set(value),
            }))}
          />
          <Menu
            kind="quiet"
            icon="language"
            label={say.language}
            align="start"
            opens="above"
            items={languages.map(({ value, label }) => ({
              label,
              isChecked: value === spoken,
              onPress: () => language.set(value),
            }))}
          />
          <Button kind="quiet" icon="key" label={say.keysOfTab} hasPopup="dialog" onPress={openKeys} />
        </>
      ) : (
        <>
          <Segmented
            label={say.theme}
            value={chosen}
            options={themes.map((value) => ({ value, label: say[value], icon: themeIcons[value] }))}
            onChange={(value) => themeChoice.set(value)}
          />
          <Segmented
            label={say.language}
            value={spoken}
            options={languages}
            onChange={(value) => language.set(value)}
          />
          <Button icon="key" onPress={openKeys}>
            {say.keysOfTab}
          </Button>
        </>
      )}
      <KeyDialog api={api} onClose={() => setApi(undefined)} />
    </div>
  )
}
