package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitEastern takes a name in Chinese, Japanese or Korean script apart, whose
// family name comes first. It answers false for other scripts. What is in one
// word is kept whole where its family name is not known.
func splitEastern(words []string) (given, family string, ok bool) {
	han, hangul, kana := 0, 0, 0
	for _, w := range words {
		for _, c := range w {
			switch {
			case unicode.Is(unicode.Han, c) || c == '々':
				han++
			case unicode.Is(unicode.Hangul, c):
				hangul++
			case c >= 0x3041 && c <= 0x309F || c >= 0x30A1 && c <= 0x30F6 || c == 'ー':
				kana++
			default:
				return "", "", false
			}
		}
	}
	whole := strings.Join(words, "")
	switch {
	case len(words) > 2:
		return "", "", false
	case len(words) == 2:
		return words[1], words[0], true
	case kana > 0 || han > 0 && hangul > 0:
		return whole, "", true
	}
	at := 0
	switch {
	case hangul > 0:
		at = familyIn(whole, hangul, koreanTwo, koreanOne, 3)
	case han >= 3 && japanese[firstRunes(whole, 2)]:
		at = 2
	default:
		at = familyIn(whole, han, chineseTwo, chineseOne, 2)
	}
	family = firstRunes(whole, at)
	return whole[len(family):], family, true
}

// familyIn answers of how many characters the family name at the beginning of a
// name of n characters is, 0 where that is not known.
func familyIn(name string, n int, two, one words, least int) int {
	switch {
	case n >= 3 && n <= 4 && two[firstRunes(name, 2)]:
		return 2
	case n >= least && n <= 3 && one[firstRunes(name, 1)]:
		return 1
	}
	return 0
}

// firstRunes is the beginning of a text, n characters long.
func firstRunes(s string, n int) string {
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return s[:at]
}

// Family names of one and of two characters, in short and in full signs, and
// the Japanese ones that most people bear.
var (
	chineseTwo = wordSet("欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 夏侯 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 司徒 司空 长孙 長孫 宇文 轩辕 軒轅 端木 独孤 獨孤 南宫 南宮 西门 西門 呼延 赫连 赫連 澹台 澹臺 淳于 单于 拓跋 完颜 完顏 闻人 聞人 钟离 鍾離 太史 申屠 仲孙 仲孫 百里 东郭 東郭 公冶 宗政 濮阳 濮陽 太叔 范姜 张简 張簡")
	chineseOne = characters(`王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭肖程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾鐘汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷施陶洪翟安颜顏倪严嚴牛温溫芦季俞章鲁魯葛伍韦韋申尤毕畢聂聶丛叢焦向柳邢路岳齐齊梅莫庄莊辛管祝左涂谷祁时時舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游阳陽裴席卫衛查屈鲍鮑位覃霍翁隋植甘景薄单單包司柏宁寧柯阮桂闵閔解强柴华華车車冉房边邊`)
	koreanTwo  = wordSet("남궁 황보 제갈 선우 독고 사공 서문 동방")
	koreanOne  = characters("김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용")
	japanese   = wordSet("佐藤 鈴木 高橋 田中 渡辺 渡邊 渡邉 伊藤 山本 中村 小林 加藤 吉田 山田 山口 松本 井上 木村 斎藤 齋藤 斉藤 清水 山崎 池田 橋本 阿部 石川 中島 前田 藤田 小川 後藤 岡田 村上 近藤 石井 坂本 遠藤 青木 藤井 西村 福田 太田 三浦 藤原 岡本 松田 中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田 宮崎 酒井 工藤 横山 内田 高木 安藤 島田 谷口 大野 今井 河野 藤本 村田 武田 上野 杉山 増田 小島 平野 大塚 千葉 久保 松井 小山 岩崎 桜井 野口 松尾 菊地 菊池 木下 佐野 野村 新井 渡部 吉川 北村 西田 水野 古川 飯田 吉村 大西 川口 浜田 西川 服部 熊谷 川崎 本田 土屋 関口 矢野 福島 岩田 永井 荒木 辻本 星野 黒田 山下 大橋")
)

// characters is the set of single characters of a text.
func characters(s string) words {
	set := words{}
	for _, c := range s {
		set[string(c)] = true
	}
	return set
}
