/**
 * The fields queried from nvidia-smi. Names change between drivers, and one that a driver does not know makes the whole query fail:
 * so the known fields are listed first (`--help-query-gpu`).
 */

/** Newest name first, then older ones. The uuid is last: a truncated uuid reveals a truncated line. */
const wantedFields: readonly (readonly string[])[] = [
  ['index'],
  ['name', 'gpu_name'],
  ['driver_version'],
  ['pci.bus_id', 'gpu_bus_id'],
  ['compute_cap'],
  ['compute_mode'],
  ['persistence_mode'],
  ['mig.mode.current'],
  ['mig.mode.pending'],
  ['memory.total'],
  ['memory.used'],
  ['utilization.gpu'],
  ['temperature.gpu'],
  ['temperature.gpu.tlimit'],
  ['temperature.memory'],
  ['power.draw'],
  ['power.limit'],
  ['power.default_limit'],
  ['ecc.mode.current'],
  ['ecc.errors.uncorrected.volatile.total'],
  ['ecc.errors.corrected.volatile.total'],
  ['retired_pages.pending'],
  ['remapped_rows.uncorrectable'],
  ['remapped_rows.pending'],
  ['remapped_rows.failure'],
  ['gpu_recovery_action'],
  ['reset_status.reset_required'],
  ['reset_status.drain_and_reset_recommended'],
  ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
  ['pcie.link.width.current'],
  ['pcie.link.width.max'],
  ['uuid', 'gpu_uuid'],
]

/** Those that every driver since 470 knows by these names, and that say enough to go on with. */
const oldFields: readonly string[] = [
  'index',
  'name',
  'driver_version',
  'pci.bus_id',
  'memory.total',
  'memory.used',
  'utilization.gpu',
  'temperature.gpu',
  'power.draw',
  'ecc.errors.uncorrected.volatile.total',
  'mig.mode.current',
  'uuid',
]

const newest: ReadonlyMap<string, string> = new Map(
  wantedFields.flatMap(([name, ...older]) => older.map((old) => [old, name!] as const)),
)

export const canonicalField = (name: string): string => newest.get(name) ?? name

const commandFor = (fields: readonly string[]): readonly string[] => [
  'nvidia-smi',
  `--query-gpu=${fields.join(',')}`,
  '--format=csv',
]

export const usualQuery: readonly string[] = commandFor(oldFields)

/** By what `--help-query-gpu` prints; undefined where that lists no fields. Asks for nothing that the list has not. */
export function queryOf(help: string): readonly string[] | undefined {
  const known = new Set<string>()
  for (const line of help.split(/\r\n|\n|\r/, 10_000)) {
    // `"name" or "gpu_name"`; prose quotes words, too, within sentences.
    if (!/^\uFEFF?\s*"[\w.]+"(?:\s+or\s+"[\w.]+")*\s*$/.test(line.slice(0, 400))) continue
    for (const [, name] of line.matchAll(/"([\w.]+)"/g)) known.add(name!.toLowerCase())
  }
  const fields = wantedFields.flatMap((names) => names.find((name) => known.has(name)) ?? [])
  return fields.includes('index') && fields.length > 1 ? commandFor(fields) : undefined
}

/** Drivers report these rows in a separate query; only newer ones report them with the other fields, too. */
export const remappedRowsQuery: readonly string[] = [
  'nvidia-smi',
  '--query-remapped-rows=gpu_uuid,remapped_rows.uncorrectable,remapped_rows.pending,remapped_rows.failure',
  '--format=csv',
]
