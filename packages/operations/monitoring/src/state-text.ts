/** Renders the current state and its changes as text. */

import type { Style } from '@hadal/output'
import { formatTable, say } from '@hadal/output'
import type { Alert, Look, News, Target } from './alert-news.ts'

/** Targets and what fires or is about to, as tables. */
export function statusText({ targets, alerts }: Look, style: Style): string {
  const { dim, bold } = style
  const targetRows = targets.map((target) => [
    bold(target.job),
    healthText(target, style),
    target.url,
    target.error === '' ? '' : dim(target.error),
  ])
  const shown = [...alerts].sort((a, b) => rank(a) - rank(b))
  const alertRows = shown.map((alert) => [
    stateText(alert, style),
    alert.labels.severity ?? '',
    bold(alert.labels.alertname ?? ''),
    alert.annotations.summary ?? '',
  ])
  const targetTable = formatTable([[say`target`, 'is', 'at', ''].map(dim), ...targetRows], leftOf(4))
  if (alertRows.length === 0) return say`${targetTable}\n\nno alerts firing`
  return `${targetTable}\n\n${formatTable([[say`alert`, say`severity`, say`name`, ''].map(dim), ...alertRows], leftOf(4))}`
}

/** One line for each thing that happened; of an alert that fires a second one with its runbook. */
export function newsText(news: News, at: Date, style: Style): string {
  const { dim, bold, red, green } = style
  const time = dim(at.toTimeString().slice(0, 8))
  if ('target' in news) {
    const { job, url, error } = news.target
    return news.what === 'up'
      ? `${time}  ${green('up')}        ${bold(job)} answers at ${url}`
      : `${time}  ${red('down')}      ${bold(job)} at ${url}: ${error}`
  }
  const { labels, annotations } = news.alert
  const paint = news.what === 'firing' ? red : green
  const word = news.what === 'firing' ? 'FIRING' : 'resolved'
  const line = `${time}  ${paint(word)}${' '.repeat(10 - word.length)}${bold(labels.alertname ?? '')} ${dim(labels.severity ?? '')}  ${annotations.summary ?? ''}`
  const runbook = annotations.runbook_url
  return news.what === 'firing' && runbook !== undefined ? `${line}\n${' '.repeat(20)}${dim(runbook)}` : line
}

const leftOf = (columns: number): 'left'[] => Array.from({ length: columns }, () => 'left' as const)
/** Firing before pending, and among these, paging alerts first. */
const rank = ({ state, labels }: Alert): number =>
  (state === 'firing' ? 0 : 2) + (labels.severity === 'page' ? 0 : 1)

const healthText = ({ health }: Target, { red, green, yellow }: Style): string =>
  ({ up: green('up'), down: red('down'), unknown: yellow('not read yet') })[health]

const stateText = ({ state }: Alert, { red, yellow }: Style): string =>
  state === 'firing' ? red('FIRING') : yellow('pending')
