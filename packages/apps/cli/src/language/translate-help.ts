/**
 * Translates the help of every command once after the program is built, so that command definitions stay in one language. Flags, arguments,
 * choices and literal defaults are unchanged.
 */

import type { EventEmitter } from 'node:events'
import { translate, visibleLength, wrapText } from '@hadal/output'
import type { Command } from 'commander'
import { translateDefault } from './translate-default.ts'

export function translateHelp(command: Command): void {
  command.description(translateDoc(command.description()))
  for (const argument of command.registeredArguments)
    argument.description = translateDoc(argument.description)
  for (const option of command.options) {
    option.description = translateDoc(option.description)
    if (option.helpGroupHeading !== undefined) option.helpGroupHeading = translate(option.helpGroupHeading)
  }
  command.helpOption('-h, --help', translate('print this help'))
  translateEpilogue(command)
  layOut(command)
  for (const each of command.commands) translateHelp(each)
}

/** Many descriptions end with a default; only its words are translated. */
export function translateDoc(doc: string): string {
  const whole = translate(doc)
  if (whole !== doc) return whole
  const { text, byDefault } = splitDefault(doc)
  return byDefault === undefined ? doc : `${translate(text)}${defaultIs(translateDefault(byDefault))}`
}

/** `text (default: x)`, as flags write it. Texts with several defaults are translated as a whole. */
export function splitDefault(doc: string): { text: string; byDefault: string | undefined } {
  const [, text, byDefault] = /^(.*?) ?\(default: (.*)\)$/s.exec(doc) ?? []
  if (text === undefined || byDefault?.includes('(default: ')) return { text: doc, byDefault: undefined }
  return { text, byDefault }
}

const defaultIs = (value: string): string => `（${translate('default')}：${value}）`

/** The text below the help, line by line: `  command      what it does`, or a heading. */
function translateEpilogue(command: Command): void {
  const events = eventsOf(command)
  const listeners = events.listeners('afterHelp')
  events.removeAllListeners('afterHelp')
  for (const listener of listeners)
    events.on('afterHelp', (context: { write(text: string): void }) =>
      listener({ ...context, write: (text: string) => context.write(translateLines(text)) }),
    )
}

/** Commands are emitters of events, which their types leave out. */
export const eventsOf = (command: Command): EventEmitter => command as unknown as EventEmitter

const translateLines = (text: string): string => text.split('\n').map(translateLine).join('\n')

function translateLine(line: string): string {
  const { before, text } = splitLine(line)
  return before + translate(text)
}

/** The command or number that a line begins with, and its text. */
export function splitLine(line: string): { before: string; text: string } {
  const [, before = '', text = ''] = /^(\s+\S.*?\s{2,}|\s*)(.*)$/.exec(line) ?? []
  return { before, text }
}

function layOut(command: Command): void {
  const given = command.configureHelp()
  const { styleTitle = (title: string) => title, minWidthToWrap = 30 } = given
  command.configureHelp({
    ...given,
    styleTitle: (title) => styleTitle(translate(title)),
    displayWidth: visibleLength,
    boxWrap: (text, width) => (width < minWidthToWrap ? text : wrapText(text, width).join('\n')),
    optionDescription: (option) => {
      const shown = option.required || option.optional
      return describe(option.description, option.argChoices, shown ? option.defaultValue : undefined)
    },
    argumentDescription: (argument) =>
      describe(argument.description, argument.argChoices, argument.defaultValue),
  })
}

function describe(doc: string, choices: readonly string[] | undefined, byDefault: unknown): string {
  const facts = [
    ...(choices === undefined ? [] : [`${translate('choices')}：${choices.join('、')}`]),
    ...(byDefault === undefined ? [] : [`${translate('default')}：${JSON.stringify(byDefault)}`]),
  ]
  return facts.length === 0 ? doc : `${doc}（${facts.join('；')}）`
}
