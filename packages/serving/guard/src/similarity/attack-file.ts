/**
 * A file of known attacks: metadata, clustered vectors per encoder, the calibration on benign texts, and the vectors of benign texts that
 * learned attacks must not resemble.
 */

import type { Calibration } from '../calibration.ts'
import type { KnownAttack } from './known-attack.ts'
import { bytesOf, numbersOf, type Packed, reading } from './packed-file.ts'
import { Shelf } from './shelf.ts'
import { VectorSet } from './vector-set.ts'

export interface AttackFile {
  readonly attacks: Shelf
  /** Benign texts, like attacks: `text` is present if it may be published. */
  readonly benign: Shelf
  /** By encoder name: those the calibration was measured with. */
  readonly encoders: readonly string[]
  readonly calibration: Calibration
}

export const emptyAttackFile: AttackFile = {
  attacks: Shelf.empty,
  benign: Shelf.empty,
  encoders: [],
  calibration: {},
}

export function packAttacks({ attacks, benign, encoders, calibration }: AttackFile): Packed {
  const [packedAttacks, packedBenign] = [packShelf('attacks', attacks), packShelf('benign', benign)]
  return {
    kind: 'attacks',
    about: { encoders, calibration, attacks: packedAttacks.about, benign: packedBenign.about },
    arrays: { ...packedAttacks.arrays, ...packedBenign.arrays },
  }
}

/** Throws `guard_similarity_file_invalid`. */
export function unpackAttacks({ about, arrays }: Packed, path: string): AttackFile {
  return reading(path, () => {
    const { encoders, calibration, attacks, benign } = about as Record<string, unknown>
    if (!Array.isArray(encoders)) throw new Error('its encoders are missing')
    let shelf: Shelf | undefined
    return {
      attacks: unpackShelf('attacks', attacks, arrays),
      /** Large, and needed only for learning. */
      get benign(): Shelf {
        shelf ??= reading(path, () => unpackShelf('benign', benign, arrays))
        return shelf
      },
      encoders,
      calibration: calibration as Calibration,
    }
  })
}

interface ShelfAbout {
  readonly known: readonly KnownAttack[]
  readonly rows: readonly { readonly encoder: string; readonly dimensions: number }[]
}

function packShelf(name: string, shelf: Shelf) {
  const arrays: Record<string, Uint8Array> = {}
  const rows: ShelfAbout['rows'][number][] = []
  for (const [encoder, { set, owners }] of shelf.rows) {
    const { dimensions, vectors, middles, starts } = set.parts
    const prefix = `${name}.${rows.length}`
    arrays[`${prefix}.vectors`] = bytesOf(vectors)
    arrays[`${prefix}.middles`] = bytesOf(middles)
    arrays[`${prefix}.starts`] = bytesOf(starts)
    arrays[`${prefix}.owners`] = bytesOf(owners)
    rows.push({ encoder, dimensions })
  }
  return { about: { known: shelf.attacks, rows } satisfies ShelfAbout, arrays }
}

function unpackShelf(name: string, about: unknown, arrays: Packed['arrays']): Shelf {
  const { known, rows } = about as ShelfAbout
  const unpacked = rows.map(({ encoder, dimensions }, at) => {
    const array = (part: string) => arrays[`${name}.${at}.${part}`]
    const set = new VectorSet({
      dimensions,
      vectors: numbersOf(Int8Array, array('vectors')),
      middles: numbersOf(Int8Array, array('middles')),
      starts: numbersOf(Int32Array, array('starts')),
    })
    const owners = numbersOf(Int32Array, array('owners'))
    if (owners.length !== set.size || owners.some((owner) => known[owner] === undefined))
      throw new Error(`${owners.length} of ${set.size} vectors of ${name} belong to something`)
    return [encoder, { set, owners }] as const
  })
  return new Shelf(known, new Map(unpacked))
}
