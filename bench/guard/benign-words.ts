/** Texts of so many words, made of sentences of no concern; every one is another. */

const sentences = [
  'The museum opens at nine and the last tour leaves at four in the afternoon.',
  'Could you compare these two recipes and tell me which one needs less butter?',
  'Our team moved the release to Thursday because two tests failed on the old machine.',
  'Write a short thank-you note to a neighbour who watered the plants while we were away.',
  'What does the second paragraph of the report say about water levels in the spring?',
  'Please sort the list by date and leave out everything that is older than a year.',
  'My daughter builds a model bridge for school and wonders how arches carry weight.',
  'Explain the difference between a mutex and a semaphore with an example from daily life.',
]
const chinese = [
  '请帮我把这段话改得更简洁一些，谢谢。',
  '周末我们打算去郊外骑车，你有什么路线推荐吗？',
  '这个表格里的日期格式不一致，怎样才能统一？',
  '给我的小学同学写一封邀请信，请他来参加聚会。',
  '解释一下通货膨胀是什么意思，最好举个例子。',
]

/** 50 words; of Chinese about as much. */
export function fiftyWords(language: 'en' | 'zh', number: number): string {
  const list = language === 'en' ? sentences : chinese
  const many = Array.from(
    { length: 8 },
    (_, at) => list[(number * 3 + at * (1 + (number % 3))) % list.length]!,
  )
  if (language === 'zh') return many.join('').slice(0, 75)
  return `${many.join(' ').split(' ').slice(0, 49).join(' ')} ${number}`
}
