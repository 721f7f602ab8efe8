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
        sentence: `${percent(share)} of ${whole(summary)} is softmax of unfused attention`,
        cause:
          'The attention scores are materialized and read several times, because no fused attention kernel ran.',
        change:
          'Use scaledDotProductAttention with isCausal instead of a mask, and with repeated heads instead of enableGqa, so that the flash kernel applies.',
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
          'On the CPU, the 16-bit flash kernel uses many small products and is several times slower than fp32.',
        change: 'Convert queries, keys and values to fp32 before it, and the output back.',
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
        sentence: `${percent(share)} of ${whole(summary)} fills tensors with a constant`,
        cause: 'Memory is zeroed before it is written, or gradients are assembled from zero tensors.',
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
        sentence: `the model runs at ${percent(utilization)} of the throughput of a large matrix product on this machine; products, attention and convolutions take ${percent(products)} of ${whole(summary)}`,
        cause:
          products > 0.5
            ? 'The products are small or have slow shapes.'
            : `Most time goes elsewhere: ${elsewhere(summary)}.`,
        change:
          products > 0.5
            ? 'Use larger batches and widths that are multiples of 64. bf16 is faster if the processor supports it.'
            : 'Follow the advice on that first. The rest depends on size.',
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
        sentence: `${percent(share)} of ${whole(summary)} is matrix products, attention and convolutions`,
        cause: 'All other work is cheap.',
        change: 'Only a lower precision, more threads or a smaller model would make it faster.',
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
