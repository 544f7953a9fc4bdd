"""Ordinary sentences in many languages, by which it is measured what a cosine is worth.

The second encoder's cosines say more about the two languages than about the meaning: two texts in
Hindi that have nothing in common are nearer than a Hindi text and its English source. So a pair is
compared with what either of its texts reaches with sentences in the other's language that have
nothing to do with it. They are built in, so that a result does not hang on what else was compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from crossfix.content.encoders import Vectors, of_length_one
from crossfix.content.script import variety_of
from crossfix.traces.origin.reading import Encoders

OTHERWISE = "latin"

LEAST_SPREAD = 0.012
"""Standard deviation of cosines with these below which it is taken for this."""

SENTENCES: Mapping[str, Sequence[str]] = {
    "latin": (
        "The train to the coast was late again this morning, so we shared a coffee there.",
        "My brother bought a used bicycle and has repaired it three times since the summer.",
        "Does anybody know a good dentist who takes new patients on Saturdays?",
        "Tickets for the concert go on sale at noon and will be gone within the hour.",
        "She planted tomatoes on the balcony and the pigeons ate nearly all of them.",
        "We finally won a match at home, and the goalkeeper deserves most of the praise.",
        "El museo abre gratis los domingos y conviene llegar temprano porque se llena enseguida.",
        "Ayer se fue la luz en todo el barrio y cenamos con velas como antes.",
        "Wir suchen für die Küche einen runden Tisch, gern gebraucht und nicht zu groß.",
        "Le prix du beurre a encore augmenté, je vais apprendre à cuisiner à l'huile.",
        "A minha avó faz o melhor bolo de laranja da rua e não dá a receita a ninguém.",
        "Bu akşam yağmur yağacakmış, şemsiyeyi kapının yanına koydum.",
    ),
    "cyrillic": (
        "Поезд опять опоздал на сорок минут, зато я наконец дочитала книгу.",
        "Подскажите хорошего мастера по ремонту стиральных машин в центре города.",
        "Вчера наши выиграли со счётом три один, вратарь был лучшим на поле.",
        "Бабушка посадила на даче огурцы и теперь каждый день считает цветы.",
        "Купил старый велосипед и весь вечер менял на нём цепь и тормоза.",
        "Завтра обещают сильный снег, возьмите тёплые вещи и выезжайте пораньше.",
    ),
    "ukrainian": (
        "Потяг знову запізнився на сорок хвилин, зате я нарешті дочитала книжку.",
        "Порадьте, будь ласка, доброго майстра, який ремонтує пральні машини в центрі.",
        "Учора наші виграли з рахунком три один, воротар був найкращим на полі.",
        "Бабуся посадила на городі огірки й тепер щодня рахує квіти.",
        "Купив старий велосипед і цілий вечір міняв на ньому ланцюг і гальма.",
        "На завтра обіцяють сильний сніг, беріть теплі речі та виїжджайте раніше.",
    ),
    "arabic": (
        "تأخر القطار مرة أخرى أربعين دقيقة لكنني أنهيت قراءة الكتاب أخيرا.",
        "هل يعرف أحد طبيب أسنان جيدا يستقبل المرضى يوم السبت؟",
        "فاز فريقنا أمس بثلاثة أهداف وكان الحارس أفضل لاعب في الملعب.",
        "زرعت جدتي الطماطم على الشرفة فأكلت الطيور معظمها.",
        "اشتريت دراجة قديمة وأمضيت المساء كله في إصلاح الفرامل.",
        "من المتوقع هطول أمطار غزيرة غدا فاخرجوا مبكرا وخذوا معاطفكم.",
    ),
    "persian": (
        "قطار باز هم چهل دقیقه دیر کرد، ولی بالاخره کتابم را تمام کردم.",
        "کسی دندان‌پزشک خوبی می‌شناسد که شنبه‌ها هم بیمار بپذیرد؟",
        "دیشب تیم ما سه بر یک برد و دروازه‌بان بهترین بازیکن زمین بود.",
        "مادربزرگم در بالکن گوجه کاشت و پرنده‌ها بیشترش را خوردند.",
        "یک دوچرخه کهنه خریدم و تمام عصر ترمزهایش را عوض کردم.",
        "می‌گویند فردا برف سنگینی می‌بارد، لباس گرم بردارید و زودتر راه بیفتید.",
    ),
    "hebrew": (
        "הרכבת שוב איחרה בארבעים דקות, אבל סוף סוף גמרתי לקרוא את הספר.",
        "מישהו מכיר רופא שיניים טוב שמקבל מטופלים חדשים בימי שישי?",
        "אתמול ניצחנו שלוש אחת והשוער היה השחקן הטוב ביותר על המגרש.",
        "סבתא שלי שתלה עגבניות במרפסת והציפורים אכלו כמעט את כולן.",
        "קניתי אופניים ישנים וכל הערב החלפתי בהם את השרשרת והבלמים.",
        "מחר צפוי גשם חזק, קחו מעילים וצאו מהבית מוקדם יותר.",
    ),
    "devanagari": (
        "ट्रेन आज फिर चालीस मिनट देर से आई, पर मैंने आखिरकार किताब पूरी पढ़ ली।",
        "क्या कोई अच्छा दाँतों का डॉक्टर जानता है जो शनिवार को भी मरीज देखता हो?",
        "कल हमारी टीम तीन एक से जीती और गोलकीपर सबसे अच्छा खिलाड़ी रहा।",
        "दादी ने बालकनी में टमाटर लगाए और चिड़ियाँ लगभग सब खा गईं।",
        "मैंने एक पुरानी साइकिल खरीदी और पूरी शाम उसकी चेन और ब्रेक बदलता रहा।",
        "कल तेज बारिश होने वाली है, छाता साथ रखिए और जल्दी निकलिए।",
    ),
    "han": (
        "火车今天又晚点四十分钟，不过我总算把那本书看完了。",
        "有没有人知道周六也看病的好牙医？",
        "昨晚我们队三比一赢了，守门员是全场最佳。",
        "奶奶在阳台上种了番茄，结果几乎都被鸟吃光了。",
        "买了一辆旧自行车，整个晚上都在换链条和刹车。",
        "预报说明天有大雪，大家多穿衣服早点出门。",
    ),
    "kana": (
        "電車が今日も四十分遅れたけれど、おかげで本を読み終わりました。",
        "土曜日も診てくれる良い歯医者さんを知っている人はいませんか。",
        "昨日は三対一で勝って、キーパーが一番よかったと思います。",
        "祖母がベランダに植えたトマトは、ほとんど鳥に食べられてしまいました。",
        "古い自転車を買って、夜までずっとチェーンとブレーキを直していました。",
        "明日は大雪だそうなので、暖かくして早めに出かけましょう。",
    ),
    "hangul": (
        "기차가 오늘도 사십 분이나 늦었지만 덕분에 책을 다 읽었어요.",
        "토요일에도 진료하는 좋은 치과를 아시는 분 계세요?",
        "어제 우리 팀이 삼 대 일로 이겼고 골키퍼가 제일 잘했습니다.",
        "할머니가 베란다에 심은 토마토를 새들이 거의 다 먹어 버렸어요.",
        "낡은 자전거를 사서 저녁 내내 체인과 브레이크를 갈았습니다.",
        "내일 눈이 많이 온다고 하니 따뜻하게 입고 일찍 출발하세요.",
    ),
}
"""Variety (as `crossfix.content.script.variety_of` names it) -> sentences."""


def sentences_of(variety: str) -> Sequence[str]:
    """Return the sentences of a variety; those in Latin letters where it has none of its own."""
    return SENTENCES.get(variety) or SENTENCES[OTHERWISE]


def above_usual(texts: Sequence[str], encoders: Encoders) -> Vectors:
    """Return the second encoder's vectors seen from the middle of ordinary sentences.

    What is left is what a text says, less what its letters and language make of any text.
    """
    middles = np.stack([
        encoders.many(sentences_of(variety_of(text)), second=True).mean(axis=0) for text in texts
    ])  # fmt: skip
    return of_length_one(encoders.many(texts, second=True) - middles)
