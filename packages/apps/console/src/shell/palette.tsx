/** All commands in one list, found by typing: Control or Command and K. */

import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { forgetKeys } from '../api/session.ts'
import { Dialog, Icon } from '../design/index.ts'
import { themeChoice } from '../design/theme.ts'
import { language } from '../messages/language.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { type Command, matching, pageCommands } from './commands.ts'
import { pages } from './pages.ts'
import { go } from './route.ts'
import { shellWords } from './words.ts'

export default function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const say = useMessages(shellWords)
  const ofPage = useStore(pageCommands)
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const all: readonly Command[] = [
    ...ofPage,
    ...pages.map((page) => ({ label: say[page.id], icon: page.icon, onPress: () => go(page.id) })),
    { label: say.light, group: say.theme, icon: 'sun', onPress: () => themeChoice.set('light') },
    { label: say.dark, group: say.theme, icon: 'moon', onPress: () => themeChoice.set('dark') },
    { label: say.system, group: say.theme, icon: 'screen', onPress: () => themeChoice.set('system') },
    { label: 'English', group: say.language, icon: 'language', onPress: () => language.set('en') },
    { label: '简体中文', group: say.language, icon: 'language', onPress: () => language.set('zh') },
    { label: say.forgetKeys, icon: 'key', onPress: forgetKeys },
  ]
  const found = matching(all, typed)
  const choose = (command: Command | undefined): void => {
    if (command === undefined) return
    onClose()
    command.onPress()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') choose(found[at])
    else if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, found.length))
    else if (event.key === 'ArrowUp') setAt((at - 1 + found.length) % Math.max(1, found.length))
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={say.commands} isOpen onClose={onClose}>
      <div className="shell-palette">
        <input
          className="input"
          data-focus
          role="combobox"
          aria-label={say.searchCommands}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
          placeholder={say.searchCommands}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <div role="listbox" id={`${id}-list`} aria-label={say.commands}>
          {found.map((command, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
            <div
              key={`${command.group ?? ''} ${command.label}`}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              onPointerMove={() => setAt(index)}
              onClick={() => choose(command)}
              ref={(element) => {
                if (index === at) element?.scrollIntoView({ block: 'nearest' })
              }}
            >
              {command.icon !== undefined && <Icon name={command.icon} />}
              <span>{command.label}</span>
              {command.group !== undefined && <span className="faint small">{command.group}</span>}
            </div>
          ))}
        </div>
        {found.length === 0 && <p className="soft">{say.noCommands}</p>}
      </div>
    </Dialog>
  )
}
