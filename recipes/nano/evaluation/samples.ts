// The ten questions whose answers the model card shows, fixed before any answer was seen. Several questions in one
// sample are one conversation.

export const sampleQuestions: readonly (readonly string[])[] = [
  ['Hello! Who are you?'],
  ['What is a lantern?'],
  ['What does brave mean?', 'And what is the opposite of that?', 'Use it in a sentence, please.'],
  ['What do you call a person who bakes bread?'],
  ['Is a violin an animal?'],
  ['What is the difference between a lake and a river?'],
  ['What is the capital of Japan?', 'What about Canada?'],
  ['What is 17 + 26?'],
  ['Tell me a short story about a fox.'],
  ['Who will win the next election?'],
]
