/** Rules for operators. */

import type { TraceSummary } from '../../summary/summary.ts'
import {
  isAttention,
  isConvolution,
  isProduct,
  percent,
  type Rule,
  shareOfOperators,
  whole,
} from '../rule.ts'

export const operatorRules: readonly Rule[] = [
  {
    name: 'attention-composed',
    judge({ summary, thresholds }) {
      const share = summary.operators
        .filter(
          ({ name, shapes }) =>
            /^aten::_?softmax(_backward_data)?$/.test(name) && isSquare(shapes[0]?.shapes),
        )
        .reduce((sum, each) => sum + each.share, 0)
      if (share < thresholds['attention-composed']!) return undefined
      return {
        rule: 'attention-composed',
        share,
        sentence: `${percent(share)} of ${whole(summary)} is the softmax of attention that is written out`,
        cause:
          'The scores of all pairs of tokens are made and read several times: no fused attention was taken.',
        change:
          'Use scaledDotProductAttention with isCausal and no mask where there is none, and with heads repeated instead of enableGqa: so the flash kernel fits.',
      }
    },
  },
  {
    name: 'attention-sixteen-bits',
    judge({ summary, thresholds }) {
      const share = summary.operators
        .filter(({ name, sixteenBits }) => name.includes('flash_attention_for_cpu') && sixteenBits)
        .reduce((sum, each) => sum + each.share, 0)
      if (share < thresholds['attention-sixteen-bits']!) return undefined
      return {
        rule: 'attention-sixteen-bits',
        share,
        sentence: `${percent(share)} of ${whole(summary)} is attention in 16 bits on the CPU`,
        cause:
          'There the flash kernel makes many tiny products of it, which take several times as long as in fp32.',
        change: 'Convert queries, keys and values to fp32 before it, and what comes out back.',
      }
    },
  },
  {
    name: 'filling',
    judge({ summary, thresholds }) {
      const share = shareOfOperators(summary, (name) =>
        /^aten::(fill_|zero_|zeros|zeros_like|full)$/.test(name),
      )
      if (share < thresholds.filling!) return undefined
      return {
        rule: 'filling',
        share,
        sentence: `${percent(share)} of ${whole(summary)} fills tensors with one number`,
        cause: 'Memory is made zero before it is written, or gradients are made of pieces of zeros.',
        change: 'Use empty where every element is written, and split instead of slices of one tensor.',
      }
    },
  },
  {
    name: 'low-utilization',
    judge({ summary, facts, thresholds }) {
      const { utilization } = facts
      if (utilization === undefined || utilization >= thresholds['low-utilization']!) return undefined
      const products = productShare(summary)
      return {
        rule: 'low-utilization',
        share: 1 - utilization,
        sentence: `the model's own arithmetic runs at ${percent(utilization)} of what a large matrix product reaches here; products, attention and convolutions take ${percent(products)} of ${whole(summary)}`,
        cause:
          products > 0.5
            ? 'The products are small, or of a form that is slow here.'
            : `The time goes elsewhere: ${elsewhere(summary)}.`,
        change:
          products > 0.5
            ? 'Larger batches, and widths that are multiples of 64, make faster products; bf16 is faster where the processor multiplies it.'
            : 'Follow the advice on that first; what is left is a matter of size.',
      }
    },
  },
  {
    name: 'mostly-products',
    judge({ summary, facts, thresholds }) {
      const share = productShare(summary)
      const { utilization = 1 } = facts
      if (share < thresholds['mostly-products']! || utilization < thresholds['low-utilization']!)
        return undefined
      return {
        rule: 'mostly-products',
        share,
        sentence: `${percent(share)} of ${whole(summary)} is matrix products, attention and convolutions: what a model is for`,
        cause: 'Nothing else costs much.',
        change:
          'A lower precision, more threads or a smaller model would make it faster; the trainer would not.',
      }
    },
  },
]

const productShare = (summary: TraceSummary): number =>
  shareOfOperators(summary, (name) => isProduct(name) || isConvolution(name) || isAttention(name))

/** What takes most alongside products. */
function elsewhere({ outside, operators }: TraceSummary): string {
  const others = operators.filter(
    ({ name }) => !isProduct(name) && !isConvolution(name) && !isAttention(name),
  )
  return [{ name: 'outside compiled code', share: outside.share }, ...others.slice(0, 3)]
    .sort((one, other) => other.share - one.share)
    .slice(0, 3)
    .map(({ name, share }) => `${name} ${percent(share)}`)
    .join(', ')
}

/** Four dimensions, of which the last two are of tokens: [b, h, t, t]. */
function isSquare(shapes: string | undefined): boolean {
  const [, rows, columns] = /^\[\d+,\d+,(\d+),(\d+)\]/.exec(shapes ?? '') ?? []
  return rows !== undefined && rows === columns && Number(rows) > 1
}
