/**
 * Whether a line only speaks of a failure: a command that was typed, the help of a program, a source line in a stack, the name of a test
 * that passed, advice, a chat. Knows no causes; in doubt a line counts as a report.
 */

/** Lines in which no program reports about itself, whatever they contain. */
const echoes: readonly RegExp[] = [
  // $ grep, + grep of `set -x`, PS C:\> grep, root@host:/# grep, (venv) user@host:~$ grep
  /^\s*(?:\$|\+{1,4}) \S/,
  /^(?:PS )?[A-Z]:\\[^>]{0,200}> ?\S/,
  /^(?:\([\w.-]+\) ?)?\[?[\w.-]+@[\w.-]+[: ][^#$]{0,200}[#$] \S/,
  // Steps of CI and of docker build
  /^(?:##\[(?:command|group)\]|#\d+ \[[^\]]{1,80}\] RUN |Step \d+\/\d+ : |Run )/,
  // --flag, -f of a help text
  /^\s{1,12}-{1,2}[a-zA-Z][\w-]*(?:[ =,]|$)/,
  /^\s*usage: /i,
  // A test that passed
  /^\s*(?:✓|✔|√|PASS\b|PASSED\b|ok \d+\b|\[ +OK +\]|--- PASS:)|(?:\bPASSED|\.\.\. ok)\s*(?:\[ *\d+%\])?$/,
  // Comments
  /^\s*(?:\/\/|\/\*|\* |<!--|;;) ?\S/,
  // A line of a diff or of grep -n over sources
  /^[+-]\s{2,}\S/,
  /^[\w./-]+\.(?:[cm]?[jt]sx?|py|cc|cpp|cu|go|rs|h|md):\d+[:-](?:\s{2,}\S|\s*(?:\/\/|#|raise|throw|if|return|const|let|var|def|func|class)\b|[\w.[\]]{1,80}(?: ?:?= ?|\()["'`])/,
  // ls -l, a linter, translations
  /^[-dlcbps][rwxsStT-]{9}[.+@]? +\d/,
  /^\s+\d{1,6}:\d{1,6} +(?:warning|error) /,
  /^msg(?:id|str)\w*(?:\[\d\])? "/,
  // git log --oneline
  /^[0-9a-f]{7,12} (?:\([^)]{1,100}\) )?[A-Z][a-z]/,
  // A table of texts: `out_of_memory: "CUDA out of memory"`
  /^\s*(?!\w*(?:message|msg|reason|err|log|detail|status|output|exception|std|text|cause|note|event|last|trace)\w*:)\w{1,40}[_-][\w-]{1,40}: (?:"[^"]* [^"]*"|'[^']* [^']*'),?$/i,
  // What a release changes
  /^\s*[-*•] (?:Fix(?:e[sd])?|Add(?:ed|s)?|Handle[sd]?|Do not|Don't|Avoid(?:ed|s)?|Improve[sd]?|Remove[sd]?|Supports?|Reports?|Retry|Prevent(?:ed|s)?|No longer|Make|Allow|Bump|Refactor|Document|Use|Rename|Update[sd]?|Change[sd]?|Deprecate[sd]?)\b/,
  // A request to a server, as in its access log
  /"(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS) \S{1,2000} HTTP\/[\d.]{1,3}" \d{3}\b/,
  // Statements of SQL, and a stream of events of a server
  /\b(?:statement|execute [^:]{1,60}): (?:INSERT|UPDATE|SELECT|DELETE|WITH|MERGE)\b/,
  /^\s*data: ?\{/,
  // Chat messages, and vLLM's log of them
  /^\s*(?:user|assistant|human|q|a) ?[:>] /i,
  // shell history, to-do lists, shell scripts
  /^\s+\d{1,6} {2,}\S/,
  /^\s*(?:[-*] )?\[[ xX]\] \S/,
  /^\s*(?:echo|printf) ["']|\| ?(?:[ef]?grep|awk|tail|less|wc|tee)\b/,
  /\b(?:Received request \S{1,100}: prompt:|Generated response \S{1,100}[:,].{0,80}\boutput:)/,
  // Code: raise X("..."), throw new X(...), except X as e:, if "..." in text:
  /^\s*(?:raise|throw|except|catch|assert|return|print|console\.\w+|log(?:ger|ging)?\.\w+)\b ?[\w.( ]*["'`(]/,
  /^\s*(?:if|elif|else if|while|for|with|def|function|except|catch)\b.*[:{]$/,
]

/** Before what a pattern found, in the same sentence and the same clause: `Error while trying to handle it: CUDA error` reports one. */
const leads =
  /\b(?:if (?:you|we|it|there|your|the|an?|any)|in case|in the event|whenever|should you|e\.g\.|for example|such as|(?<!(?:failed|unable|trying|attempt|cannot|how) )to (?:avoid|prevent|handle|catch|simulate|reproduce|detect|check for)|avoid(?:s|ed|ing)?|prevent(?:s|ed|ing)?|handles|catches|simulat(?:e|es|ing)|tests? (?:that|for|whether)|retr(?:y|ies) (?:on|after|when)|(?:may|might|can|could|would) (?:cause|lead to|result in|mean)|recover(?:s|ed) from|(?<!(?:not|cannot|be|to) )fix(?:es|ed)?|no longer)\b[^.!?;:]{0,80}$/i

const qualities =
  '(?: (?:any|a|an|a single|more|further|new|such|recent|unexpected|fatal|uncorrectable|uncorrected))*'
/** Printed by programs that do not know the reason: `Some common causes include: (1) the OOM killer`. */
const guesses = /\b(?:potential root|common|possible|likely|probable) (?:causes?|reasons?)\b/i
/** `When the pod shows OOMKilled, raise its limit.` */
const occasions = /(?:^|[.!?:>] |\d\. |[-*•] )(?:When|Whenever|Where|Once) [^.!?;:]{0,120}$/
/** A denial right before the match: `no`, `without any`. A number may belong to the preceding word: `rank 0 CUDA error`. */
const denials: readonly RegExp[] = [
  new RegExp(`(?:^|[\\s(,;:"'])(?:no|not|without|zero|never|neither|nor)${qualities} ?["'\`]?$`, 'i'),
  new RegExp(`(?:^|, |\\b(?:with|has|had|found|saw|and|are|were|got) )0${qualities} $`, 'i'),
]
/** And right after it: `Xid errors: 0`, `OOM kills = none`, `is handled`. */
const clears =
  /^["'`]?(?: [a-z]+){0,2} ?[:=] ?(?:0|none|no(?! \w)|false|off|disabled|n\/a)(?![\w.,%:/-])|^["'`]? no longer\b|^["'`*]{0,3}(?: [\w-]+){0,5} (?:means?|indicates?) (?!0\b)|^["'`]?(?: [a-z]+){0,2} (?:is|are|was|were|has been|have been|should be|can be|must be) (?:handled|fixed|ignored|caught|expected|looked|checked|retried)\b/i

/** The text asks about it: `why is it OOMKilled?`, `... OOMKilled, what does it mean?` */
const asksBefore = /(?:^|[:,] )["'`]?(?:what|why|how|does|should i|can i|do i) [^.!;:]{0,100}$/i
const asksAfter =
  /^[^.!;]{0,80}\b(?:what|why|how|anyone|anybody|should i|can i|do i)\b[^.!;]{0,100}\?["'`]?\s*$/i

/** JSON or Python dictionary keys that identify the speaker that follows. */
const speakers =
  /["'](role|instruction|question|prompt|error|err|exception|traceback|stack)\\{0,3}["'] ?: ?\\{0,3}["']?(user|assistant|system|tool)?/g
/** In a string that has not ended. */
const answers =
  /["'](?:content|prompt|completion|generated_text|output_text|reasoning_content)\\{0,3}["'] ?: ?\\{0,3}"(?:[^"\\]|\\.)*$/

/** A model's answer or prompt: no program logs that about itself. */
function isConversation(before: string): boolean {
  if (!/["']/.test(before)) return false
  const [, key = '', speaker] = [...before.matchAll(speakers)].at(-1) ?? []
  if (key === 'role' ? speaker !== undefined : /^(?:instruction|question|prompt)$/.test(key)) return true
  return answers.test(before)
}

/** People write of themselves, in sentences: `A colleague had "CUDA error". Should we worry?` */
const isLetter = (text: string): boolean =>
  /^[A-Za-z][\w']{0,30},? [^:]/.test(text) &&
  /(?:^|[\s"'(])(?:I|[Ww]e|[Mm]y|[Oo]ur)\s/.test(text) &&
  /[.!?]["')]? .{1,400}?[.!?]["')]?(?:\s|$)/.test(text)

export interface Match {
  readonly text: string
  /** Where the pattern's match begins and ends. */
  readonly from: number
  readonly to: number
}

export const isEcho = (line: string): boolean => echoes.some((pattern) => pattern.test(line))

export function isSpokenOf({ text, from, to }: Match): boolean {
  const near = text.slice(Math.max(0, from - 120), from)
  // Quoted text is one unit, whatever precedes the match in it.
  const quote = /(?:["`“]|(?:^| )')[^"`“”']*$/.exec(near)
  const before = quote === null ? near : near.slice(0, quote.index + 1).replace(/["`“']$/, '')
  if (leads.test(before) || occasions.test(before) || denials.some((pattern) => pattern.test(before)))
    return true
  if (guesses.test(text.slice(0, from)) || isConversation(text.slice(0, from)) || isLetter(text)) return true
  const after = text.slice(to, to + 200)
  return clears.test(after) || asksAfter.test(after) || (asksBefore.test(before) && after.includes('?'))
}

const pythonPlace = /^\s*File ".{1,400}", line \d+/
const nodePlace = /^\s*(?:\/|file:\/\/|node:)\S{1,400}:\d+$/

/** In a stack trace, the line below a location is source code, not output. Compiled code has none there. */
export const isSourceLine = (before: string | undefined, line: string, after: string | undefined): boolean =>
  (before !== undefined && (/^\s/.test(line) ? pythonPlace.test(before) : nodePlace.test(before))) ||
  (after !== undefined && /^\s+\^+[\s^~]*$/.test(after))

const levels =
  /(?:^|[\s[|(])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL)\b|^[IWEF](?=\d{4} )/
const calmLevels = /^(?:TRACE|DEBUG|INFO|NOTICE|I)$/

/** Logged as information, not as a failure. An unspecific match is then ignored: `INFO client left (ECONNRESET)`. */
export function isSaidCalmly(line: string): boolean {
  const found = levels.exec(line.slice(0, 100))
  return found !== null && calmLevels.test(found[1] ?? found[0])
}
