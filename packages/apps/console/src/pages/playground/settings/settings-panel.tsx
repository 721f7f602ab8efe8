/** Settings of a column: system prompt, sampling, tools, response format. */

import { type ReactNode, useState } from 'react'
import { Badge, Button, Dialog, Disclosure, Menu, TextField, toast } from '../../../design/index.ts'
import { language } from '../../../messages/language.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { type KnobGroup, knobGroups, knobs } from '../knobs.ts'
import { words } from '../words.ts'
import { FormatEditor } from './format-editor.tsx'
import { KnobField } from './knob-field.tsx'
import { presets, removePreset, savePreset } from './presets.ts'
import { defaultSettings, type KnobValue, type Settings } from './settings.ts'
import { ToolsEditor } from './tools-editor.tsx'

export interface SettingsPanelProps {
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

const given: Readonly<Record<'default' | 'greedy' | 'careful' | 'lively', Settings['knobs']>> = {
  default: {},
  greedy: { temperature: 0 },
  careful: { temperature: 0.3 },
  lively: { temperature: 1.1, top_p: 1, min_p: 0.05 },
}

export function SettingsPanel({ settings, onChange }: SettingsPanelProps): ReactNode {
  const say = useMessages(words)
  const chosen = useStore(language)
  const own = useStore(presets)
  const [isNaming, setNaming] = useState(false)
  // Remounts fields that keep their own text when all settings are replaced.
  const [round, setRound] = useState(0)
  const replace = (next: Settings): void => {
    onChange(next)
    setRound((now) => now + 1)
  }
  /** Replaces all user input: the system prompt, tools, the schema. */
  const replaceAll = (next: Settings): void => {
    const undo = (): void => replace(settings)
    replace(next)
    toast({ text: say.settingsReplaced, action: { label: say.undo, onPress: undo } })
  }
  const turn = (name: string, value: KnobValue | undefined): void => {
    const { [name]: _, ...rest } = settings.knobs
    onChange({ ...settings, knobs: value === undefined ? rest : { ...rest, [name]: value } })
  }
  const countIn = (group: KnobGroup): number =>
    knobs.filter((knob) => knob.group === group && settings.knobs[knob.name] !== undefined).length
  const count = Object.keys(settings.knobs).length
  return (
    <div key={round} className="pg-settings">
      <div className="pg-settings-head">
        <Menu
          align="start"
          items={[
            ...(['default', 'greedy', 'careful', 'lively'] as const).map((name) => ({
              label: say[`preset_${name}`],
              onPress: () => replace({ ...settings, knobs: given[name] }),
            })),
            ...own.map((preset) => ({
              label: preset.name,
              icon: 'star' as const,
              onPress: () => replaceAll({ ...preset.settings, model: settings.model }),
            })),
            { label: say.savePreset, icon: 'plus' as const, onPress: () => setNaming(true) },
            ...own.map((preset) => ({
              label: say.removePreset(preset.name),
              icon: 'trash' as const,
              isDanger: true,
              onPress: () => {
                removePreset(preset.name)
                toast({
                  text: say.removed(preset.name),
                  action: { label: say.undo, onPress: () => void savePreset(preset.name, preset.settings) },
                })
              },
            })),
          ]}
        >
          {say.presets}
        </Menu>
        {count > 0 && <Badge tone="accent">{say.turned(count)}</Badge>}
        <Button
          kind="quiet"
          icon="undo"
          onPress={() => replaceAll({ ...defaultSettings, model: settings.model })}
        >
          {say.reset}
        </Button>
      </div>
      <TextField
        label={say.system}
        placeholder={say.systemPlaceholder}
        rows={4}
        value={settings.system}
        onChange={(system) => onChange({ ...settings, system })}
      />
      {knobGroups.map((group) => (
        <Disclosure
          key={group.id}
          isOpenAtFirst={group.id === 'sampling'}
          summary={<Summary label={group[chosen]} count={countIn(group.id)} />}
        >
          <div className="pg-form">
            {knobs
              .filter((knob) => knob.group === group.id)
              .map((knob) => (
                <KnobField
                  key={knob.name}
                  knob={knob}
                  value={settings.knobs[knob.name]}
                  onChange={(value) => turn(knob.name, value)}
                />
              ))}
          </div>
        </Disclosure>
      ))}
      <Disclosure summary={<Summary label={say.tools} count={settings.tools.isOn ? 1 : 0} />}>
        <ToolsEditor value={settings.tools} onChange={(tools) => onChange({ ...settings, tools })} />
      </Disclosure>
      <Disclosure summary={<Summary label={say.format} count={settings.format.kind === 'text' ? 0 : 1} />}>
        <FormatEditor
          value={settings.format}
          model={settings.model}
          onChange={(format) => onChange({ ...settings, format })}
        />
      </Disclosure>
      <Dialog title={say.savePreset} isOpen={isNaming} onClose={() => setNaming(false)}>
        <PresetName
          onSave={(name) => {
            savePreset(name, settings)
            setNaming(false)
          }}
        />
      </Dialog>
    </div>
  )
}

function Summary({ label, count }: { readonly label: string; readonly count: number }): ReactNode {
  return (
    <>
      {label} {count > 0 && <span className="count">{count}</span>}
    </>
  )
}

function PresetName({ onSave }: { readonly onSave: (name: string) => void }): ReactNode {
  const say = useMessages(words)
  const [name, setName] = useState('')
  return (
    <form
      className="pg-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') onSave(name.trim())
      }}
    >
      <TextField label={say.presetName} value={name} onChange={setName} maxLength={80} />
      <Button kind="primary" submits isDisabled={name.trim() === ''}>
        {say.save}
      </Button>
    </form>
  )
}
