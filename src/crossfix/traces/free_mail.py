"""Mail providers where anybody can get an address."""

from __future__ import annotations

_NAMES = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com "
    "rocketmail.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me gmx.com "
    "gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com email.com fastmail.com "
    "fastmail.fm hey.com zoho.com zohomail.com yandex.com yandex.ru ya.ru mail.ru bk.ru inbox.ru "
    "list.ru internet.ru rambler.ru ukr.net i.ua qq.com foxmail.com 163.com 126.com yeah.net "
    "sina.com sina.cn sohu.com aliyun.com 139.com naver.com daum.net hanmail.net nate.com "
    "rediffmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it "
    "tiscali.it alice.it tin.it uol.com.br bol.com.br terra.com.br ig.com.br globo.com "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net "
    "btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net telenet.be skynet.be "
    "ziggo.nl kpnmail.nl home.nl hetnet.nl bluewin.ch seznam.cz centrum.cz wp.pl o2.pl onet.pl "
    "interia.pl abv.bg mail.bg freemail.hu citromail.hu yahoo.co.jp yahoo.co.uk yahoo.fr yahoo.de "
    "yahoo.co.in yahoo.com.br yahoo.it yahoo.es hotmail.co.uk hotmail.fr hotmail.de hotmail.it "
    "hotmail.es live.co.uk live.fr outlook.fr outlook.de outlook.es docomo.ne.jp ezweb.ne.jp "
    "softbank.ne.jp tutanota.com tuta.io tuta.com mailbox.org posteo.de hushmail.com duck.com "
    "privaterelay.appleid.com users.noreply.github.com"
)

FREE_MAIL: frozenset[str] = frozenset(_NAMES.split())
"""Domains of large free or access-bound mail providers: sharing one says nothing."""
