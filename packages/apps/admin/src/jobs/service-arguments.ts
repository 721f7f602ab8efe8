/** Arguments that make another command use this server's service: its flags, except values that must not appear in a command line. Pure. */

import { type Service, type Setting, serviceSettings } from '@hadal/config'

export interface ServiceArguments {
  /** Flags of all settings that were flags, but for those of the network and secrets. */
  readonly settingArgs: readonly string[]
  readonly configArgs: readonly string[]
  /** Secrets that were flags, as environment variables. */
  readonly env: Readonly<Record<string, string>>
}

/** `given` are the settings as flags gave them, `config` the file that was named. */
export function serviceArguments(
  given: Readonly<Partial<Record<keyof Service, unknown>>>,
  config: string | undefined,
): ServiceArguments {
  const settingArgs: string[] = []
  const env: Record<string, string> = {}
  for (const [key, value] of Object.entries(given)) {
    const { flag, secret, env: variable, group }: Setting<unknown> = serviceSettings[key as keyof Service]
    if (value === undefined || value === false) continue
    if (secret && variable !== null) env[variable] = String(value)
    if (flag === null || secret || group === 'Network') continue
    const long = /--[\w-]+/.exec(flag)![0]
    settingArgs.push(...(value === true ? [long] : [long, String(value)]))
  }
  const configArgs = config === undefined ? [] : ['--config', config]
  return { settingArgs: [...configArgs, ...settingArgs], configArgs, env }
}
