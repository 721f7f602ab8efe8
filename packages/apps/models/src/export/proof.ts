/** The proof of an export: what came out is loaded again, and has to give the logits that the model gives in fp32. */

import { readFileLogits } from '@hadal/engine'
import { type LanguageModel, loadCheckpoint, type Tokenizer } from '@hadal/nn'
import { writeReportFile } from '@hadal/output'
import { noGrad, scope, torch } from '@hadal/tensor'
import { describeParity, type ParityReport } from '@hadal/train'

export interface ProofText {
  readonly name: string
  readonly tokens: readonly number[]
}

/** Texts of different kinds, because models learn different ones. */
const texts: Readonly<Record<string, string>> = {
  prose:
    'The sea is deep, and nobody has seen all of it. What lives far below has never met the light of the sun, and makes its own.',
  dialogue:
    '“Where does the water come from?” she asked. “From the hills,” he said, “and before that, from the sky.”',
  code: 'function sum(values) {\n  let total = 0\n  for (const value of values) total += value\n  return total\n}\n',
  numbers: 'In 1969 the journey took 4 days, 6 hours and 45 minutes; 384,400 km at 0.95 km/s on average.',
  languages: 'Das Wasser ist kalt. L’eau est froide. El agua está fría. 水很冷。',
}

/** Attention over this many tokens reveals wrong positions, and costs little. */
const maxTokens = 256

/** Each text, and all of them one after the other until `length` tokens, or as many as the model's positions reach. */
export function proofTexts(tokenizer: Tokenizer, longest: number): readonly ProofText[] {
  const most = Math.min(maxTokens, longest)
  const encoded = Object.entries(texts).map(([name, text]) => ({ name, tokens: tokenizer.encode(text) }))
  const round = encoded.flatMap(({ tokens }) => tokens)
  const long = Array.from({ length: most }, (_, index) => round[index % round.length]!)
  return [
    ...encoded.map(({ name, tokens }) => ({ name, tokens: tokens.slice(0, most) })),
    { name: 'all of them', tokens: long },
  ]
}

/** For each text its logits [tokens, vocabulary]. */
export const logitsOf = (model: LanguageModel, proof: readonly ProofText[]): Float32Array[] =>
  proof.map(({ tokens }) =>
    noGrad(() =>
      scope(() => {
        const ids = torch.tensor([[...tokens]], { dtype: 'int64' })
        return model.forward(ids).float().toTypedArray() as Float32Array
      }),
    ),
  )

/** Logits of the written export, computed by its target runtime. */
export async function logitsOfExport(
  format: 'gguf' | 'safetensors',
  path: string,
  proof: readonly ProofText[],
): Promise<readonly Float32Array[]> {
  if (format === 'safetensors') return scope(() => logitsOf(loadCheckpoint(path).model, proof))
  return await readFileLogits(
    path,
    proof.map(({ tokens }) => tokens),
  )
}

/** Next to the export. Returns the path of the page. Throws `report_unwritable`. */
export async function writeParityReport(exported: string, report: ParityReport): Promise<string> {
  const page = `${exported}.parity.md`
  await writeReportFile(`${exported}.parity.json`, `${JSON.stringify(report, null, 2)}\n`)
  await writeReportFile(page, describeParity(report))
  return page
}
