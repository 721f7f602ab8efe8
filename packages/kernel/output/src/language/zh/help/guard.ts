/** Help in Chinese: of guard. */

import type { Texts } from '../../words.ts'

export const guardHelp: Texts = {
  'Ask, measure, attack and teach what stops prompt attacks.': '询问、评测、攻击和教导防止提示攻击的防护。',
  'What the guard would do with a text, and why. `-` reads standard input, whatever bytes it has.':
    '防护会如何处理一段文本，为什么。`-` 读取标准输入，任何字节都可以。',
  'the text, or - for standard input': '文本，或用 - 读取标准输入',
  'whose words they are': '是谁的话',
  'as if a key of this name asked, for policies of keys': '如同此名称的密钥在请求，用于按密钥区分的策略',
  'a policy in place of the config’s: default, strict, watch, guide or off':
    '代替配置中策略的策略：default、strict、watch、guide 或 off',
  'print the verdict as JSON': '以 JSON 打印结论',
  'let through, also with a flag or redacted': '放行，包括带标记或已替换的',
  'stopped: blocked, or answered with a reply': '阻止：拦截，或给出固定答复',
  'Measure the guard on labelled texts, each by a guard that saw nothing of its source.':
    '用带标签的文本评测防护，每条都由没有见过其来源的防护判断。',
  'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}':
    'JSONL 文件：{"text", "label" 攻击为 1，否则为 0, "source", "lang"}',
  'those of Hadal, or what people said of verdicts in the console':
    'Hadal 自带的，或人们在控制台中对结论的复核',
  'never retrain: the guard has not seen the texts': '不重新训练：防护没有见过这些文本',
  'JSONL that is trained on beside them, and not measured': '一同用于训练、但不评测的 JSONL',
  'false-positive rate, for each language, that recall is shown at': '每种语言显示召回率时的误报率',
  'recalibrate from benign texts of one’s own, also JSONL': '用自己的无害文本（也是 JSONL）重新校准',
  'where those go; name it as files.calibration in the policy': '写到哪里；在策略中以 files.calibration 指定',
  'write a page with the ROC curves': '写出带 ROC 曲线的页面',
  'write the ROC curves alone': '只写出 ROC 曲线',
  'write what each check said of each text, as JSONL': '写出每项检查对每条文本的结论，JSONL 格式',
  'print JSON, or write it to a file': '打印 JSON，或写入文件',
  'compare by a GGUF model that embeds, in place of the built-in encoders':
    '用计算嵌入的 GGUF 模型比较，代替内置编码器',
  'Try to get attacks past the guard by asking it again and again, as a caller could.':
    '像调用方那样反复询问，尝试让攻击通过防护。',
  'questions for each attack': '每条攻击的询问次数',
  'JSONL of attacks to disguise': '要伪装的攻击，JSONL 格式',
  '25 that come with Hadal': 'Hadal 自带的 25 条',
  'of them, spread over the file': '取其中多少条，均匀分布在文件中',
  'layers that are also attacked alone; none: `-`': '另外单独攻击的层；不要：`-`',
  'all that stop texts': '所有会阻止文本的层',
  'what a caller sees of an answer': '调用方能看到回答的哪些部分',
  'between questions of one caller, for the budget of a key': '同一调用方两次询问的间隔，用于密钥的额度',
  'repeats the run': '使运行可以重复',
  'disguises that got through to print': '打印多少条通过的伪装',
  'write a page with the evasion curves': '写出带规避曲线的页面',
  'write the curves alone': '只写出曲线',
  'Train the classifier on labelled texts of one’s own beside those that come with Hadal.':
    '用自己的带标签文本与 Hadal 自带的文本一起训练分类器。',
  'the weights; name them as files.classifier in the policy': '权重；在策略中以 files.classifier 指定',
  'on these texts alone, from nothing: without Hadal’s texts and weights':
    '只用这些文本从零训练：不用 Hadal 的文本和权重',
  'repeats the training': '使训练可以重复',
  'Teach the guard an attack that got through: whatever resembles it is stopped from then on.':
    '把通过了的攻击教给防护：此后与之相似的都会被阻止。',
  'the attack, or - for standard input': '攻击，或用 - 读取标准输入',
  'what is learnt goes there': '学到的内容写到这里',
  'files.attacks of the policy': '策略的 files.attacks',
  'JSONL of texts that it must not stop, beside those that come with Hadal':
    '除 Hadal 自带的以外，不能被阻止的文本，JSONL 格式',
  'its name in verdicts': '结论中的名称',
  'one that is made up': '自动生成',
  'where it came from': '来自哪里',
  'what was learnt': '学了什么',
  'stop stopping it': '不再阻止它',
  'What the guard of a service did: newest first.': '服务的防护做过什么：最新的在前。',
  'the audit': '审计',
  'audit.file of the policy': '策略的 audit.file',
  'a date, or how long ago: 2026-11-29, 2h': '日期，或多久以前：2026-11-29、2h',
  'the same': '同上',
  'only these': '只看这些',
  'of one key alone: its name or id': '只看一个密钥：名称或 ID',
  'where this layer found something': '只看此层有所发现的',
  'at most so many': '最多多少条',
}
