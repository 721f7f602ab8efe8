/** Memory of a GPU by node label: GKE's `accelerator`, NVIDIA's `nvidia.com/gpu.product`. */

const mebi = 1024 ** 2

/** MiB as nvidia-smi has them (`memory.total`). A part of the label is enough: more exact ones come first. */
const known: readonly (readonly [pattern: RegExp, mebibytes: number])[] = [
  [/gb200|b200/, 183_359],
  [/b300/, 275_040],
  [/gh200.*(144|141)/, 146_831],
  [/h200/, 143_771],
  [/gh200|h100.*96/, 97_871],
  [/h100.*nvl|h100-nvl/, 95_830],
  [/h100|h800/, 81_559],
  [/h20\b/, 97_871],
  [/a100.*80|a800.*80/, 81_920],
  [/a100.*40|a100/, 40_960],
  [/rtx-?pro-?6000/, 97_887],
  [/l40s|l40/, 46_068],
  [/l20\b/, 46_068],
  [/a40\b|rtx-?a6000|rtx-?6000/, 46_068],
  [/a30\b/, 24_576],
  [/a10g?\b/, 23_028],
  [/\bl4\b/, 23_034],
  [/v100.*32/, 32_768],
  [/v100/, 16_384],
  [/p100/, 16_384],
  [/p4\b/, 7_680],
  [/\bt4\b|tesla-t4/, 15_360],
  [/rtx-?5090/, 32_607],
  [/rtx-?(4090|3090)/, 24_564],
]

/** Bytes of the smallest of them; undefined where one is not known. A MIG slice names its own size: `...-MIG-3g.40gb`. */
export function gpuMemoryByLabel(values: readonly string[]): number | undefined {
  const each = values.map(memoryOf)
  return each.length === 0 || each.includes(undefined) ? undefined : Math.min(...(each as number[]))
}

function memoryOf(value: string): number | undefined {
  const name = value.toLowerCase().replaceAll(/[\s_]+/g, '-')
  const slice = /mig-\d+g\.(\d+)gb/.exec(name)?.[1]
  if (slice !== undefined) return Number(slice) * 1e9
  const found = known.find(([pattern]) => pattern.test(name))
  return found && found[1] * mebi
}
