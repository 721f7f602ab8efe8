/** Parses `adapter_config.json` and reports every unsupported setting. */

export interface PeftConfig {
  readonly rank: number
  readonly alpha: number
  readonly dropout: number
  readonly rankStabilized: boolean
  readonly dora: boolean
  /** Name suffixes. Undefined if it is a regular expression or excludes some layers: then the tensors decide. */
  readonly targets: readonly string[] | undefined
  readonly rankPattern: ModuleValues
  readonly alphaPattern: ModuleValues
  /** Modules saved in full alongside the adapter, by name suffix. */
  readonly whole: readonly string[]
  readonly baseModel: string
}

/** The value of a setting for each module. */
export type ModuleValues = (module: string) => number | undefined

type Json = Readonly<Record<string, unknown>>

/** Valid only if there are no issues. */
export function readPeftConfig(config: Json): { readonly config: PeftConfig; readonly issues: string[] } {
  const issues: string[] = []
  const { r, lora_alpha, lora_dropout = 0, target_modules, modules_to_save } = config
  const check = (key: string, sound: boolean, wanted: string): void => {
    if (!sound) issues.push(`${key} is ${JSON.stringify(config[key]) ?? 'missing'}; it must be ${wanted}`)
  }
  check('peft_type', config.peft_type === 'LORA', '"LORA"')
  check('r', isCount(r), 'a whole number of at least 1')
  check('lora_alpha', isPositive(lora_alpha), 'a number above 0')
  check('lora_dropout', isShare(lora_dropout), 'a number from 0 to below 1')
  check(
    'target_modules',
    typeof target_modules === 'string' || areTexts(target_modules),
    'a list of names or a regular expression',
  )
  check('modules_to_save', isNothing(modules_to_save) || areTexts(modules_to_save), 'a list of names')
  const base = config.base_model_name_or_path
  check('base_model_name_or_path', isNothing(base) || typeof base === 'string', 'a name')
  for (const key of ['use_rslora', 'use_dora'])
    check(key, [undefined, null, true, false].includes(config[key] as boolean), 'true or false')
  for (const [key, why] of Object.entries(otherwise)) check(key, isNothing(config[key]), why)
  const { bias, init_lora_weights: init } = config
  check('bias', isNothing(bias) || bias === 'none', '"none"')
  check('init_lora_weights', !changesBase(init), `true: ${String(init)} changes the weights of the base`)
  const valuesOf = (key: string, sound: (value: unknown) => boolean, wanted: string): ModuleValues => {
    const { values, wrong } = moduleValues(config[key], sound, wanted)
    issues.push(...wrong.map((issue) => `${key}${issue}`))
    return values
  }
  const found: PeftConfig = {
    rank: r as number,
    alpha: lora_alpha as number,
    dropout: lora_dropout as number,
    rankStabilized: config.use_rslora === true,
    dora: config.use_dora === true,
    targets:
      areTexts(target_modules) && selectors.every((key) => isNothing(config[key]))
        ? target_modules
        : undefined,
    rankPattern: valuesOf('rank_pattern', isCount, 'a whole number of at least 1'),
    alphaPattern: valuesOf('alpha_pattern', isPositive, 'a number above 0'),
    whole: areTexts(modules_to_save) ? modules_to_save : [],
    baseModel: typeof base === 'string' ? base : '',
  }
  return { config: found, issues }
}

/** Settings that exclude some modules of `target_modules`. */
const selectors = ['layers_to_transform', 'layers_pattern', 'exclude_modules']

/** Unsupported settings, and the required value of each. */
const otherwise: Readonly<Record<string, string>> = {
  fan_in_fan_out: 'false: its matrices are transposed, as in GPT-2',
  lora_bias: 'false',
  use_qalora: 'false',
  target_parameters: 'null: only matrices of linear modules have adapters',
  trainable_token_indices: 'null: rows of the embedding are not trained one by one',
  layer_replication: 'null: layers cannot be repeated',
  alora_invocation_tokens: 'null: adapters apply to every token',
  megatron_config: 'null',
  use_bdlora: 'null',
  arrow_config: 'null',
  kasa_config: 'null',
  velora_config: 'null',
  monteclora_config: 'null',
}

/** The others take a part of the base's weights into the adapter's first values. */
const changesBase = (init: unknown): boolean =>
  !isNothing(init) && ![true, 'gaussian', 'eva', 'orthogonal'].includes(init as string)

/** As in PEFT: the first key that, as a regular expression, matches the end of a module's name. */
function moduleValues(
  given: unknown,
  sound: (value: unknown) => boolean,
  wanted: string,
): { readonly values: ModuleValues; readonly wrong: readonly string[] } {
  if (isNothing(given)) return { values: () => undefined, wrong: [] }
  if (typeof given !== 'object' || Array.isArray(given))
    return { values: () => undefined, wrong: [` is ${JSON.stringify(given)}; it must be an object`] }
  const patterns: [RegExp, number][] = []
  const wrong: string[] = []
  for (const [key, value] of Object.entries(given as Json)) {
    const pattern = regularExpression(key)
    if (!sound(value))
      wrong.push(`[${JSON.stringify(key)}] is ${JSON.stringify(value)}; it must be ${wanted}`)
    else if (pattern === undefined)
      wrong.push(` has the key ${JSON.stringify(key)}, which is not a regular expression`)
    else patterns.push([pattern, value as number])
  }
  return { values: (module) => patterns.find(([pattern]) => pattern.test(module))?.[1], wrong }
}

function regularExpression(key: string): RegExp | undefined {
  try {
    return new RegExp(`^(.*\\.)?(${key})$`)
  } catch {
    return undefined
  }
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1
const isPositive = (value: unknown): boolean => Number.isFinite(value) && (value as number) > 0
const isShare = (value: unknown): boolean =>
  Number.isFinite(value) && (value as number) >= 0 && (value as number) < 1
const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
