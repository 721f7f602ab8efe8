/**
 * Resolves plain YAML scalars as `kubectl` and API servers do: YAML 1.1 with Go's rules, so `on` is true, `0777` is 511, `08` is 8,
 * and `12:30` is text. Verified by experiments with kubectl.
 */

import type { ScalarTag } from 'yaml'

const withoutUnderscores = (text: string): string => text.replaceAll('_', '')

const integer: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$/,
  resolve: (text) => {
    const bare = withoutUnderscores(text)
    const digits = bare.replace(/^[-+]/, '').replace(/^0(?=[0-7]+$)/, '0o')
    const value = Number(digits)
    return bare.startsWith('-') ? -value : value
  },
}

const float: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$/,
  resolve: (text) => Number(withoutUnderscores(text)),
}

const infinite: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
  resolve: (text) => (/nan/i.test(text) ? Number.NaN : Number.POSITIVE_INFINITY),
}

const boolean: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/,
  resolve: (text) => /^(y|yes|on|true)$/i.test(text),
}

const nothing: ScalarTag = {
  tag: 'tag:yaml.org,2002:null',
  default: true,
  test: /^(~|null|Null|NULL|)$/,
  resolve: () => null,
}

const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
}

export const scalarTags: readonly ScalarTag[] = [nothing, boolean, integer, float, infinite, binary]
