// Images as Fashion-MNIST has them, few and easy to distinguish: for tests.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Class k is a bright square whose place goes by k. */
export function writeTinyPart(folder: string, part: string, count: number): void {
  const pixels = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10)
  for (const [index, label] of labels.entries())
    for (let at = 0; at < 784; at += 1) {
      const [row, column] = [Math.floor(at / 28), at % 28]
      const inside = Math.floor(row / 6) === Math.floor(label / 4) && Math.floor(column / 7) === label % 4
      pixels[index * 784 + at] = (inside ? 180 : 20) + ((index * 31 + at * 17) % 40)
    }
  write(`${part}-images-idx3-ubyte.gz`, [count, 28, 28], pixels)
  write(`${part}-labels-idx1-ubyte.gz`, [count], labels)

  function write(name: string, shape: number[], bytes: Uint8Array): void {
    const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
    header.setUint16(2, (8 << 8) + shape.length)
    for (const [index, size] of shape.entries()) header.setUint32(4 + 4 * index, size)
    writeFileSync(
      join(folder, name),
      gzipSync(Buffer.concat([Buffer.from(header.buffer), Buffer.from(bytes)])),
    )
  }
}
