import { describe, expect, it } from 'vitest'
import { describeImageParity, type ImageProof, judgeImageParity } from './image-parity.ts'

/** Two samples of two classes, from -1 to 4: a step is 5 / 255. */
const reference = Float32Array.of(4, 1, -1, 2)
const proof = (change: Partial<ImageProof> = {}): ImageProof => ({
  precision: 'INT8',
  model: 'm',
  readBy: 'onnxruntime',
  classes: 2,
  samples: 'held out',
  exported: reference,
  reference,
  fp32: reference,
  labels: Int32Array.of(0, 0),
  bytes: 10,
  fp32Bytes: 40,
  ...change,
})

describe('the proof of an image model', () => {
  it('passes where logits are within a step, and says what rounding cost', () => {
    const exported = Float32Array.of(4.019, 1, -1, 2)
    const fp32 = Float32Array.of(4, 1, 2, 1)
    const report = judgeImageParity(proof({ exported, fp32 }))
    expect(report).toMatchObject({
      verdict: 'pass',
      issues: [],
      samples: { count: 2, of: 'held out' },
      overall: { withinStep: 1, agreement: 1, maxDifference: expect.closeTo(0.019, 5) },
      rounding: { withinStep: 0.5, agreement: 0.5 },
      accuracy: { exported: 0.5, model: 0.5, fp32: 1 },
    })
    expect(describeImageParity(report)).toContain('# m as ONNX, INT8: pass')
    expect(describeImageParity(report)).toContain(
      '| the quantized model against fp32 | 3.00 | 1.00 | 50.00 % | 50.00 % |',
    )
  })

  it('passes where it is nearer to the rounded model than that is to fp32', () => {
    const exported = Float32Array.of(4.1, 1.1, -1.1, 2)
    const fp32 = Float32Array.of(4, 1, -2, 2)
    expect(judgeImageParity(proof({ exported, fp32 })).verdict).toBe('pass')
    expect(judgeImageParity(proof({ exported })).verdict).toBe('fail')
    const turned = judgeImageParity(
      proof({ exported: Float32Array.of(2.4, 2.5, -1, 2), fp32: Float32Array.of(4, 1, -9, 2) }),
    )
    expect(turned.verdict).toBe('fail')
  })

  it.each<[string, Partial<ImageProof>, string[]]>([
    [
      'is another model',
      { exported: Float32Array.of(1, 4, -1, 2) },
      [
        '50.00 % of logits are within one step of 255, below 99.00 %',
        '50.00 % of samples get the same class, below 98.00 %',
      ],
    ],
    [
      'is no number',
      { exported: Float32Array.of(Number.NaN, 1, -1, 2) },
      ['75.00 % of logits are within one step of 255, below 99.00 %'],
    ],
    [
      'is rounded where nothing is to be',
      { precision: 'FP32', exported: Float32Array.of(4.001, 1, -1, 2) },
      ['a logit differs by 0.00100, above 0.0001 of the largest'],
    ],
    [
      'read nothing',
      { exported: new Float32Array(0), reference: new Float32Array(0), fp32: new Float32Array(0) },
      ['no sample was compared'],
    ],
  ])('fails where the export %s', (_what, change, issues) => {
    const { labels: _, ...plain } = proof(change)
    const report = judgeImageParity(plain)
    expect(report.verdict).toBe('fail')
    expect(report.issues).toEqual(expect.arrayContaining(issues))
    expect(report.accuracy).toBeUndefined()
    expect(describeImageParity(report)).toContain(`- ${issues[0]}`)
  })
})
