/** Help in Chinese: of export, data, retrieve, classify and op. */

import type { Texts } from '../../words.ts'

export const modelsHelp: Texts = {
  'Write a trained model as a file that others run, and prove that it is still the same model.':
    '把训练好的模型写成别的程序能运行的文件，并证明它仍是同一个模型。',
  'a model as Hugging Face keeps it, or a run folder that holds one':
    'Hugging Face 格式的模型，或含有它的任务目录',
  'what is written; onnx: models that tell images apart': '写成什么；onnx：图像分类模型',
  'gguf: F32, F16, BF16, Q8_0, Q4_K or Q4_0 (default: what a run trained for, else Q8_0); safetensors: F32, F16 or BF16 (default: F32); an adapter: F32, F16 or BF16 (default: F32, in safetensors as it was)':
    'gguf：F32、F16、BF16、Q8_0、Q4_K 或 Q4_0（默认：任务训练所针对的类型，否则 Q8_0）；safetensors：F32、F16 或 BF16（默认：F32）；适配器：F32、F16 或 BF16（默认：F32，safetensors 则保持原样）',
  'a file for gguf and onnx, a folder for safetensors': 'gguf 和 onnx 为文件，safetensors 为目录',
  'onnx: weights and activations in 8 bits, their ranges from samples; a model that was trained for it has its own without being asked':
    'onnx：权重和激活用 8 位，范围取自样本；为此训练的模型无需要求就带有自己的范围',
  'onnx: samples that ranges are taken from': 'onnx：用于确定范围的样本数',
  'onnx: how a range is taken': 'onnx：如何确定范围',
  'onnx: probabilities come out in place of logits': 'onnx：输出概率而不是 logits',
  'an adapter in the layout of PEFT, or a run that holds one, taken into the weights':
    'PEFT 布局的适配器，或含有它的任务，并入权重',
  'write the adapter alone, to be loaded beside the model: GGUF, or a folder of PEFT':
    '只写适配器，与模型一起加载：GGUF，或 PEFT 目录',
  'in the file': '文件中的名称',
  'as the folder is called': '同目录名',
  'Look at training data.': '查看训练数据。',
  'Tokens as a model will see them, which of them are learnt, how long rows are, and which are bad.':
    '模型将看到的 token、其中哪些参与学习、各行多长、哪些行有问题。',
  'JSON lines, Parquet, or plain text': 'JSON lines、Parquet 或纯文本',
  'a tokenizer.json, or the folder of a model': 'tokenizer.json，或模型目录',
  'a chat template: Jinja, a file or a name': '对话模板：Jinja、文件或名称',
  "the tokenizer's own": '分词器自带',
  'answers that are learnt': '学习哪些回答',
  'how many are shown': '显示多少行',
  'how many, from the beginning, the lengths are of': '从开头取多少行统计长度',
  'of a window': '窗口的长度',
  'where a row keeps its text': '行中存放文本的字段',
  'where a row keeps its conversation': '行中存放对话的字段',
  'leave bad rows out, and say which': '略过有问题的行，并说明是哪些',
  'Measure how well a CLIP finds images by their captions, and captions by their images.':
    '测量 CLIP 由图注找图像、由图像找图注的效果。',
  'a folder of a CLIP, as Hugging Face or open_clip keep it': 'CLIP 目录，Hugging Face 或 open_clip 格式',
  'JSON lines of {"image", "caption"}, or a folder of images with a .txt beside each':
    '{"image", "caption"} 的 JSON lines，或每张图像旁有 .txt 的目录',
  'write a page with the best and the worst queries, and what they found':
    '写出最好和最差的查询及其所找到内容的页面',
  'of the page': '页面的标题',
  'queries in each list of the page': '页面每个列表中的查询数',
  'take this share of the images, as training holds it out': '取这个比例的图像，与训练时的验证划分相同',
  'of libtorch': 'libtorch 的线程数',
  'all there are': '有多少用多少',
  'Tell what images show: by the names of classes alone, with a CLIP, or with an ONNX model that knows them.':
    '识别图像内容：用 CLIP 只凭类别名称，或用认识这些类别的 ONNX 模型。',
  'files, or folders of them': '文件，或含文件的目录',
  'cat,dog,... or a file with one a line': 'cat,dog,... 或每行一个的文件',
  'the folders that the images lie in': '图像所在的目录名',
  'a sentence with {} for the class; several may be given': '以 {} 代表类别的句子；可以给出多个',
  'classes shown of each image': '每张图像显示的类别数',
  'that compute': '用于计算的线程数',
  'Write, test and measure operators of your own: C++ and CUDA, called like any other.':
    '编写、测试和测量自己的算子：C++ 和 CUDA，与其他算子一样调用。',
  'Write a folder with an operator that works, to be changed into another.':
    '写出一个含有可运行算子的目录，供改写成另一个算子。',
  'vector_add, or my::vector_add': 'vector_add，或 my::vector_add',
  where: '写到哪里',
  'the name': '同名称',
  'Compile it, and compare values, gradients and shapes with its reference, on every device there is.':
    '编译它，并在现有的每种设备上与参考实现比较值、梯度和形状。',
  'a folder with an op.ts, as `hadal op new` writes it': '含有 op.ts 的目录，由 `hadal op new` 写出',
  'repeats what is drawn': '使抽取的内容可以重复',
  'Measure it beside its reference, in turns.': '与参考实现轮流测量。',
  'of each': '各多少次',
  'print JSON, with every round': '打印 JSON，含每一轮',
}
