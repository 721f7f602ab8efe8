/** What a message looks like: its words, its reasoning, its calls, its tokens, its time. */

export { MessageView } from './message-view.tsx'
