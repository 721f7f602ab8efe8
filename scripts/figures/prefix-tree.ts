/** The figure of docs/concepts/prefix-sharing.md: the tree the engine keeps, over real prompts in the bundled model's tokens. */

import { fileURLToPath } from 'node:url'
import { type PrefixNode, PrefixTree } from '@hadal/batching'
import { ChatTemplate, chatTemplate } from '@hadal/nn'
import { readGgufModel } from '@hadal/train'
import { colors, n, path, svg, text } from './chart.ts'

const model = fileURLToPath(new URL('../../models/nano/nano-q8_0.gguf', import.meta.url))
const system = 'You work in a tea shop. Be short and kind.'
const conversations: readonly (readonly [who: string, ...turns: string[]])[] = [
  ['A', 'When do you open?'],
  ['B', 'When do you close?'],
  ['C', 'Which tea is the best?', 'A black tea from Assam.', 'And the cheapest?'],
  ['D', 'Which tea is the best?', 'A black tea from Assam.', 'How much is it?'],
]

/** Four requests that begin with one system prompt; two of them are later turns of the same conversation. */
export function prefixTree(): string {
  const { tokenizer } = readGgufModel(model)
  const template = new ChatTemplate(chatTemplate, { bosToken: '', eosToken: '<|im_end|>' })
  const tree = new PrefixTree<string>()
  let requested = 0
  let computed = 0
  for (const [who, ...turns] of conversations) {
    const messages = turns.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }))
    const prompt = template.render({ messages: [{ role: 'system', content: system }, ...messages] }, true)
    const tokens = tokenizer.encode(prompt, { allowSpecial: true })
    const held = Math.max(0, ...tree.match('', tokens).map(({ length }) => length))
    requested += tokens.length
    computed += tokens.length - held
    tree.set(who, '', tokens)
  }
  const { nodes } = tree.nodes(100, 0)
  const title = `${requested} tokens of prompts, ${computed} computed: what stands once is read once`
  return draw(title, nodes, (tokens) => tokenizer.decode(tokens))
}

const [top, rowHeight, left] = [40, 46, 8]

function draw(
  title: string,
  nodes: readonly PrefixNode<string>[],
  decode: (tokens: readonly number[]) => string,
): string {
  const ordered: { node: PrefixNode<string>; level: number }[] = []
  const visit = (parent: number | undefined, level: number): void => {
    for (const node of nodes.filter((each) => each.parent === parent)) {
      ordered.push({ node, level })
      visit(node.id, level + 1)
    }
  }
  visit(undefined, 0)
  const place = new Map(
    ordered.map(({ node, level }, row) => [node.id, { x: left + level * 40, y: top + row * rowHeight }]),
  )
  const parts = ordered.flatMap(({ node }) => {
    const { x, y } = place.get(node.id)!
    const from = node.parent === undefined ? undefined : place.get(node.parent)
    const words = shortened(decode(node.tokens))
    const holders = [...node.holders].sort().join(' ')
    return [
      ...(from
        ? [path([`M${n(from.x + 14)},${n(from.y + 34)}`, `V${n(y + 17)}`, `H${n(x)}`], 'pale', 1.5)]
        : []),
      `<rect x="${n(x)}" y="${n(y)}" width="${n(712 - x)}" height="34" rx="5" fill="${colors.grid}" stroke="${node.holders.size > 1 ? colors.blue : colors.pale}"/>`,
      text(x + 10, y + 15, words),
      text(x + 10, y + 29, `${node.tokens.length} tokens · held for ${holders}`, {
        size: 11,
        fill: node.holders.size > 1 ? colors.blue : colors.ink,
      }),
    ]
  })
  return svg(top + ordered.length * rowHeight, title, parts)
}

/** As it may stand in a line, its middle left out where it is long. */
function shortened(words: string): string {
  const line = words.replace(/\n/g, '↵')
  return line.length <= 92 ? line : `${line.slice(0, 52)} … ${line.slice(-36)}`
}
