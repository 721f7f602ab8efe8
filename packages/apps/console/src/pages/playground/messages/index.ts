/** A message: content, reasoning, tool calls, tokens, timings. */

export { MessageView } from './message-view.tsx'
