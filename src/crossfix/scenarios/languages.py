"""Words and sentence patterns of five languages, for texts that nobody wrote.

A pattern is a row of words; those in capitals are slots: N noun, V verb, A adjective, P place,
W who, T time, D number, E emoji. A slot may end in punctuation. Places are invented.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """One language: its code, what stands between words, its words by slot, its patterns.

    A ``_`` in a word stands for a space. ``syllables`` make the rare words of the open slots,
    ``phrases`` are the short things that everybody says.
    """

    code: str
    separator: str
    words: dict[str, str]
    syllables: str
    patterns: tuple[str, ...]
    phrases: tuple[str, ...]


ENGLISH = Language(
    "en",
    " ",
    {
        "N": "council bridge school market train river team garden library museum road factory "
        "harbour farm kitchen office doctor teacher report budget plan storm festival letter "
        "phone price ticket game song film book rule question vote meeting project neighbour "
        "village hospital theatre forest station bakery coffee weather summer dog football "
        "bicycle energy water housing rent wage strike election law court tax border",
        "V": "opens closes needs wants changes supports stops explains loses finds misses buys "
        "sells builds repairs moves brings delays protects ignores promises forgets celebrates "
        "questions rejects funds shows saves blames helps",
        "A": "new old small big quiet busy strange lovely terrible local public free expensive "
        "cheap empty late early honest green broken wooden famous modern hidden serious funny",
        "P": "Marlowe Easterhay Brindle Oxmoor Calder Fenwick Harrowgate Tillby Sandmere Wexcombe",
        "W": "nobody everyone my_sister our_neighbour the_mayor a_friend the_team my_boss grandma",
        "T": "today yesterday tonight tomorrow again finally now already this_week soon",
    },
    "ba be bri ca col da del fen gar hal ing kel lan mar mor nel or per quin rad sel tan ver wic",
    (
        "The A N V the N in P.",
        "I think the N V T, and the A N V it too.",
        "W said that the N in P V a A N.",
        "Why is the A N still so A? The N V it T.",
        "T the N V our A N, says W.",
        "Just read about the N near P and the A N there.",
        "Can somebody tell me if the N V T? The A N is A.",
        "D people came to the A N in P T.",
        "My N is A and the N V T E",
        "After D years the N V the A N.",
        "Looking for a A N or a N in P, any tips?",
        "What a A N! The N V it all.",
        "They say the N costs D more, but the A N V nothing.",
        "Great talk with W about the N and the A N E",
    ),
    ("Good morning!", "Happy birthday!", "So true", "Thank you!", "lol", "Have a nice weekend all"),
)

GERMAN = Language(
    "de",
    " ",
    {
        "N": "Rathaus Brücke Schule Markt Zug Fluss Verein Garten Bücherei Museum Straße Fabrik "
        "Hafen Hof Küche Büro Ärztin Lehrer Bericht Haushalt Plan Sturm Fest Brief Preis Karte "
        "Spiel Lied Film Buch Regel Frage Wahl Sitzung Projekt Nachbar Dorf Klinik Theater Wald "
        "Bahnhof Bäckerei Kaffee Wetter Sommer Hund Fußball Fahrrad Strom Wasser Wohnung Miete "
        "Lohn Streik Gesetz Gericht Steuer Grenze",
        "V": "öffnet schließt braucht will ändert stützt stoppt erklärt verliert findet kauft "
        "verkauft baut repariert bewegt bringt verzögert schützt verspricht vergisst feiert "
        "fördert zeigt rettet hilft",
        "A": "neue alte kleine große ruhige volle seltsame schöne schlimme örtliche freie teure "
        "billige leere späte frühe ehrliche grüne kaputte bekannte moderne ernste lustige",
        "P": "Altenmoor Birkstedt Hohenwied Kranzau Lüttenfeld Neuhagen Ostermarsch Wiesental",
        "W": "niemand jeder meine_Schwester unser_Nachbar die_Stadt ein_Freund der_Chef Oma",
        "T": "heute gestern morgen endlich wieder jetzt schon bald diese_Woche",
    },
    "an berg dor ein feld ger hau in kel land mar nie ober pal ruh sen tal un vor wald zen",
    (
        "Der A N V das N in P.",
        "Ich glaube, das N V T und die A N V es auch.",
        "W sagt, dass die N in P eine A N V.",
        "Warum ist die A N noch so A? Der N V es T.",
        "T V der N unsere A N, meint W.",
        "Gerade über die N bei P und den A N dort gelesen.",
        "Weiß jemand, ob das N T V? Die A N ist A.",
        "D Leute kamen T zum A N in P.",
        "Meine N ist A und der N V T E",
        "Nach D Jahren V die N den A N.",
        "Suche A N oder N in P, hat wer Tipps?",
        "Angeblich kostet die N D mehr, aber der A N V nichts.",
    ),
    ("Guten Morgen!", "Alles Gute!", "Genau so", "Danke!", "Schönes Wochenende euch"),
)

SPANISH = Language(
    "es",
    " ",
    {
        "N": "ayuntamiento puente escuela mercado tren río equipo jardín biblioteca museo calle "
        "fábrica puerto granja cocina oficina doctora maestro informe presupuesto plan tormenta "
        "fiesta carta precio entrada partido canción película libro regla pregunta votación "
        "reunión proyecto vecino pueblo hospital teatro bosque estación panadería café tiempo "
        "verano perro fútbol bicicleta energía agua vivienda alquiler sueldo huelga ley frontera",
        "V": "abre cierra necesita quiere cambia apoya para explica pierde encuentra compra vende "
        "construye repara mueve trae retrasa protege promete olvida celebra paga muestra salva",
        "A": "nuevo viejo pequeño grande tranquilo lleno raro bonito terrible local público libre "
        "caro barato vacío tarde honesto verde roto famoso moderno serio divertido",
        "P": "Valderrey Montesol Riofrío Altamar Peñablanca Cerroalto Villaseca Puertonuevo",
        "W": "nadie todos mi_hermana nuestro_vecino la_alcaldesa un_amigo el_jefe la_abuela",
        "T": "hoy ayer mañana otra_vez por_fin ahora ya pronto esta_semana",
    },
    "al ba ca de el fa go in la ma na or pa que ra sol ta ur ve za",
    (
        "El A N V la N en P.",
        "Creo que el N V T y la A N también lo V.",
        "W dice que la N de P V un A N.",
        "¿Por qué el A N sigue tan A? El N lo V T.",
        "T el N V nuestra A N, según W.",
        "Acabo de leer sobre la N cerca de P y el A N de allí.",
        "¿Alguien sabe si el N V T? La A N es A.",
        "D personas fueron T al A N en P.",
        "Mi N es A y el N V T E",
        "Después de D años la N V el A N.",
        "Busco un A N o una N en P, ¿ideas?",
        "Dicen que el N cuesta D más, pero la A N no V nada.",
    ),
    ("¡Buenos días!", "¡Feliz cumpleaños!", "Totalmente", "¡Gracias!", "Buen fin de semana"),
)

RUSSIAN = Language(
    "ru",
    " ",
    {
        "N": "мост школа рынок поезд река команда сад библиотека музей улица завод порт ферма "
        "кухня контора врач учитель отчёт бюджет план буря праздник письмо телефон цена билет "
        "игра песня фильм книга правило вопрос собрание проект сосед деревня больница театр лес "
        "станция пекарня кофе погода лето собака футбол велосипед энергия вода квартира аренда "
        "зарплата закон суд налог граница",
        "V": "открывает закрывает требует меняет поддерживает объясняет теряет находит покупает "
        "продаёт строит чинит приносит задерживает защищает обещает забывает отмечает показывает "
        "спасает помогает",
        "A": "новый старый маленький большой тихий странный красивый ужасный местный бесплатный "
        "дорогой дешёвый пустой поздний честный зелёный известный современный серьёзный смешной",
        "P": "Белогорье Заречинск Краснополье Лесоград Новоозёрск Светлоярск Тихомирово",
        "W": "никто каждый сестра сосед мэр друг начальник бабушка",
        "T": "сегодня вчера завтра опять наконец сейчас уже скоро",
    },
    "ба ве го да ен зи ка ло ма на ор по ра со та ук фе хо ча ша",
    (
        "A N V N в городе P.",
        "Думаю, N T V, и A N тоже V.",
        "W говорит, что N в P V A N.",
        "Почему A N до сих пор A? N T V это.",
        "T N V наш A N, считает W.",
        "Только что прочла про N возле P и A N там.",
        "Кто знает, N V T? Ведь A N очень A.",
        "D человек пришли T на A N в P.",
        "Мой N такой A, а N V T E",
        "Через D лет N V A N.",
        "Ищу A N или N в P, что посоветуете?",
        "Пишут, что N стоит на D больше, но A N не V ничего.",
    ),
    ("Доброе утро!", "С днём рождения!", "Точно", "Спасибо!", "Хороших выходных"),
)

JAPANESE = Language(
    "ja",
    "",
    {
        "N": "市役所 橋 学校 市場 電車 川 チーム 庭 図書館 美術館 道路 工場 港 農場 台所 会社 医者 "
        "先生 報告 予算 計画 台風 祭り 手紙 電話 値段 切符 試合 歌 映画 本 規則 質問 投票 会議 "
        "企画 隣人 村 病院 劇場 森 駅 パン屋 珈琲 天気 夏 犬 サッカー 自転車 電気 水 家賃 給料",
        "V": "開く 閉まる 必要だ 変える 支える 止める 説明する 失う 見つける 買う 売る 建てる 直す "
        "運ぶ 遅らせる 守る 約束する 忘れる 祝う 見せる 救う 助ける",
        "A": "新しい 古い 小さい 大きい 静かな 変な 美しい ひどい 地元の 無料の 高い 安い 遅い "
        "正直な 緑の 有名な 面白い",
        "P": "青浜町 北森市 白沢村 南野原 月見坂 霧ヶ丘 東雲台",
        "W": "誰も みんな 姉 隣の人 市長 友だち 部長 祖母",
        "T": "今日 昨日 明日 また やっと 今 もう すぐ 今週",
    },
    "ア イ ウ カ キ ク サ シ タ ト ナ ニ ハ マ ミ ラ リ ル レ ロ ン",
    (
        "A N が N を V 、 P で。",
        "T の N は A と思う、 A N も V 。",
        "W によると P の N は A N を V 。",
        "なぜ A N は まだ A のか？ N が T V 。",
        "T 、 N が 私たちの A N を V と W が言う。",
        "P の近くの N と A N の話を読んだ。",
        "N は T V ？ A N は A です。",
        "T 、 D 人が P の A N に来た。",
        "うちの N は A 、 N が T V E",
        "D 年ぶりに N が A N を V 。",
        "P で A N か N を探しています、教えて！",
    ),
    ("おはようございます！", "お誕生日おめでとう！", "ほんとそれ", "ありがとう！", "お疲れさま"),
)

LANGUAGES: tuple[Language, ...] = (ENGLISH, GERMAN, SPANISH, RUSSIAN, JAPANESE)
EMOJI = "🙂 😂 🎉 🔥 🙏 👍 🤔 ☕ 🌧 🚲 ❤ 👀"
