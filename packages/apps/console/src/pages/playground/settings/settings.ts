/** Settings of a column: model, system prompt, and changed sampling parameters. Plain data; the parameters are defined in knobs.ts. */

export interface Settings {
  /** Undefined: the first that the server has. */
  readonly model: string | undefined
  readonly system: string
  /** Those that were turned, by their name in the request; the rest is as the server has it. */
  readonly knobs: Readonly<Record<string, KnobValue>>
  readonly tools: ToolSettings
  readonly format: FormatSettings
}

export type KnobValue = number | boolean | string | readonly string[] | Readonly<Record<string, number>>

export interface ToolSettings {
  readonly isOn: boolean
  /** A JSON array of OpenAI's tools, as it was typed. */
  readonly text: string
  readonly choice: 'auto' | 'required' | 'none'
}

/** What the answer must be. The text of each kind stays while another is chosen. */
export interface FormatSettings {
  readonly kind: 'text' | 'json_object' | 'json_schema' | 'regex' | 'grammar'
  readonly schema: string
  readonly regex: string
  readonly grammar: string
}

export const defaultSettings: Settings = {
  model: undefined,
  system: '',
  knobs: {},
  tools: { isOn: false, text: '', choice: 'auto' },
  format: { kind: 'text', schema: '', regex: '', grammar: '' },
}
