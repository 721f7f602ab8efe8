// The model card as Markdown, from facts that others gathered. Every figure on it comes in through `CardFacts`.

import { formatBytes, formatMillis } from '@hadal/base'
import type { Stage } from '../sizes.ts'
import { accuracyTable, formLegend, mistakeList, sampleList, summary, weakestKinds } from './answers.ts'
import type { CardFacts } from './card-facts.ts'
import { stepsPerPoint } from './loss-plot.ts'
import { table } from './markdown.ts'
import type { StageFigures } from './training-figures.ts'

export function cardPage(facts: CardFacts): string {
  const { model, stages, evaluation, run, dataSection, windowLength, recipe, comparison } = facts
  const seconds = stages.pretrain.seconds + stages.chat.seconds
  const parts = [
    `<!-- Written by recipes/${recipe}/card.ts: edit that, or what it reads. -->`,
    `# ${model.name}`,
    `A language model of ${millions(model.parameterCount)} parameters that Hadal trained from nothing, on a CPU, in ${formatMillis(seconds * 1000)}: a pocket dictionary one can talk to. ${facts.place}`,
    summary(evaluation),
    '## What it is for, and what not',
    `For trying Hadal without a download, for tests and demonstrations of serving, and as an example of the whole way from text to a served model that can be repeated and changed. It answers short questions of the kinds in the table [below](#evaluation), in English.`,
    `Not for anything that matters: not as a source of facts, not for advice, not for text that people rely on. It has had no safety training, and nothing but the choice of its data keeps it from saying what it should not.`,
    '## Run it',
    `\`\`\`sh\n${facts.start}\n\`\`\``,
    'serves it on this machine. Then, from another terminal:',
    `\`\`\`sh\ncurl ${facts.url}/v1/chat/completions -H 'content-type: application/json' \\\n  -d '{"model":"${evaluation.model}","temperature":0,"messages":[{"role":"user","content":"What does brave mean?"}]}'\n\`\`\``,
    `The file is \`${facts.fileName}\`; anything that reads GGUF can use it. Ask greedily (\`temperature\` 0): it was measured so.`,
    '## Model',
    modelTable(facts),
    '## Training',
    `Two stages: English text, then conversations, of which only the answers carry loss. Held-out loss on text ended at **${stages.pretrain.lastHeldOutLoss.toFixed(3)}** nats a token, on answers at **${stages.chat.lastHeldOutLoss.toFixed(3)}**.`,
    stageTable(stages),
    `![Training and held-out loss of both stages](loss.svg)`,
    `The training curve shows means of ${stepsPerPoint} steps. Each stage has its own held-out part; the second is mostly fixed phrases, so the two losses do not compare.`,
    `Run on ${run.machine}, with ${run.software}, ${run.threads === 1 ? 'one thread' : `${run.threads} threads`}, ${run.precision}, by`,
    `\`\`\`sh\n${run.command}\n\`\`\``,
    `${run.remarks.join(' ')} To do it again, make the data, put the same numbers of steps there and train:`,
    `\`\`\`sh
npx tsx --conditions=@hadal/source recipes/nano/data/build.ts
mkdir -p runs/${recipe} && echo '${JSON.stringify({ pretrain: stages.pretrain.steps, chat: stages.chat.steps })}' > runs/${recipe}/plan.json
npx tsx --conditions=@hadal/source recipes/${recipe}/train.ts --threads ${run.threads}
\`\`\``,
    ...comparison,
    '## Evaluation',
    `${asked(facts)}, greedily, at most ${evaluation.settings.maxTokens} tokens each. An answer is right when it contains the expected words letter for letter; another true answer counts as wrong. *Known, new wording*: training conversations have the fact, and the question in other words (${count(evaluation.data.wordedAsInTraining)} of the questions, follow-ups mostly, they have word for word). *New*: they do not have it: sums, made-up words, questions it cannot know and should decline, and rarer words that only the documents explain.`,
    accuracyTable(evaluation),
    weakestKinds(evaluation),
    formLegend(evaluation),
    '## Ten conversations, unedited',
    'The questions were fixed before any answer was seen. † marks those that somebody asks word for word in the training conversations.',
    sampleList(evaluation),
    '## Limits',
    [
      `- What it says may be false and sound certain. It knows what its data teaches and little else; the table shows how often it is wrong about that.`,
      `- It was trained on windows of ${windowLength} tokens and conversations that fit into one; longer ones, which the file admits up to ${model.contextLength}, were never tried.`,
      `- Held-out questions come from the same generator as the training ones. Questions that people phrase freely will do worse than the table.`,
      `- English only, apart from names.`,
    ].join('\n'),
    mistakeList(evaluation),
    '## Data',
    dataSection,
    '## Licence',
    'The model, like the rest of Hadal, is under the Apache License 2.0. The sources have the licences named under [Data](#data); WordNet asks that its notice above be kept.',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function modelTable({ model, windowLength }: CardFacts): string {
  const rows: readonly (readonly [string, string])[] = [
    ['architecture', model.design],
    ['parameters', `${count(model.parameterCount)}${model.isTied ? ', output tied to the embedding' : ''}`],
    ['layers', `${model.blockCount}`],
    ...model.shape,
    ['rotary base', count(model.ropeBase)],
    ['vocabulary', `${count(model.vocabSize!)} byte-level BPE tokens, trained on the same data`],
    ['context', `${model.contextLength} tokens, trained on ${windowLength}`],
    ['chat format', 'ChatML, as a template in the file'],
    ['file', `GGUF, ${model.quantization}, ${formatBytes(model.fileBytes)}`],
  ]
  return table(['', ''], rows, 'left')
}

function stageTable(stages: Readonly<Record<Stage, StageFigures>>): string {
  const both = [stages.pretrain, stages.chat]
  const row = (name: string, show: (stage: StageFigures) => string): string[] => [name, ...both.map(show)]
  return table(
    ['', 'text', 'conversations'],
    [
      row('steps', ({ steps }) => count(steps)),
      row('tokens a step', ({ tokensPerStep }) => count(tokensPerStep)),
      row('tokens read, padding included', ({ tokens }) => millions(tokens)),
      row('epochs', ({ epochs }) => epochs.toFixed(2)),
      row('highest learning rate', ({ peakLearningRate }) => peakLearningRate.toPrecision(2)),
      row('time, evaluations included', ({ seconds }) => formatMillis(seconds * 1000)),
      row('tokens a second', ({ tokensPerSecond }) => count(Math.round(tokensPerSecond))),
      row(
        'first held-out loss',
        ({ heldOut }) => `${heldOut[0]!.loss.toFixed(3)} (step ${heldOut[0]!.step})`,
      ),
      row('last held-out loss', ({ lastHeldOutLoss }) => lastHeldOutLoss.toFixed(3)),
      row('as perplexity', ({ lastHeldOutLoss }) => Math.exp(lastHeldOutLoss).toFixed(2)),
    ],
  )
}

function asked({ evaluation: { data } }: CardFacts): string {
  return data.asked === data.available
    ? `All ${count(data.asked)} held-out conversations were asked up to their last question`
    : `${count(data.asked)} of ${count(data.available)} held-out conversations, evenly spread, were asked up to their last question`
}

const count = (value: number): string => value.toLocaleString('en')
const millions = (value: number): string => `${(value / 1e6).toFixed(1)} million`
