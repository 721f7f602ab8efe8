/**
 * NVIDIA's GPUs as the PCI bus has them, with or without a driver: `/proc/bus/pci/devices`, which containers see, too. A line is the
 * place, vendor and device, 15 numbers and the driver, if one has it.
 */

export interface PciGpu {
  /** `2330`: an H100. */
  readonly device: string
  /** `nvidia`, `nouveau`, `vfio-pci`; undefined where none has it. */
  readonly driver: string | undefined
}

/** They switch NVLinks and compute nothing. */
const switches: ReadonlySet<string> = new Set(['1ac2', '1af1', '22a3'])

export function parsePciDevices(text: string): readonly PciGpu[] {
  const gpus: PciGpu[] = []
  for (const line of text.split(/\r\n|\n|\r/, 10_000)) {
    const match = /^([\da-f]{2})([\da-f]{2})\s+10de([\da-f]{4})\s(.{0,500})$/i.exec(line)
    if (match === null) continue
    const [, , place = '', device = '', rest = ''] = match
    // Other functions of the same card are its sound and its USB.
    const isFirstFunction = (Number.parseInt(place, 16) & 7) === 0
    if (!isFirstFunction || switches.has(device.toLowerCase())) continue
    const driver = /\s([a-z][\w-]*)\s*$/i.exec(rest)?.[1]
    gpus.push({
      device: device.toLowerCase(),
      driver: driver !== undefined && /[g-z_-]/i.test(driver) ? driver : undefined,
    })
  }
  return gpus
}
