package match

import "strings"

// synonyms reads lines of a word and what is written for it.
func synonyms(lines string) map[string]string {
	all := map[string]string{}
	for _, line := range strings.Split(lines, "\n") {
		if f := strings.Fields(line); len(f) > 0 {
			for _, w := range f {
				all[w] = f[0]
			}
		}
	}
	return all
}

// streetWords are kinds of streets, directions and ordinals in many languages,
// each by one short word. "St" is a street and a saint.
var streetWords = synonyms(`
	st street str strasse straat strat saint sainte sankt
	rd road
	ave av aven avenue avenida avda aven avn avenu
	ln lane
	dr drive drv doctor doktor
	cl close
	ct court crt
	pl place plaza plz platz plaats plac pza plass plads plats
	sq square
	blvd boulevard boul bd bld bvd bvld bulvar bulevar bulwar bulevard
	cres crescent crs crescnt
	tce terrace terr trc terrasse
	pde parade
	hwy highway
	pkwy parkway pky
	cct circuit crct
	cir circle circ
	gdns gardens gdn gdns
	gr grove grv
	hts heights
	way wy
	trl trail
	xing crossing
	expy expressway
	fwy freeway
	tpke turnpike
	esp esplanade
	pt point
	mt mount
	ctr center centre
	jct junction
	rdg ridge
	vw view
	vly valley
	lp loop
	mdw meadow meadows
	est estate
	weg
	gasse
	allee aleja aleje al
	rue
	ch chemin
	imp impasse
	rte route
	quai
	calle cll
	crra carrera cra kra
	pso paseo
	cmno camino
	ctra carretera
	ronda rda
	trav travessa travessia
	rua
	praca pca praça
	alameda
	estrada
	rod rodovia
	largo lgo
	via
	viale vle
	piazza pzza
	corso cso
	vicolo vlo
	strada
	ul ulica ulitsa ulice vulytsya vul
	os osiedle
	prosp prospekt prospect pr
	per pereulok
	nab naberezhnaya nabrezi
	sh shosse
	tr trida
	nam namesti namestie
	utca
	cad caddesi caddes cadde
	sok sokak sokagi sk
	mah mahallesi mh
	gade
	gata gatan
	vej
	veg vei vegen veien vagen vag
	katu
	tie
	odos
	leoforos
	jalan jln
	n north norte nord
	s south sur sul sud
	e east este
	w west oeste ouest
	ne northeast
	nw northwest
	se southeast
	sw southwest
	1st first
	2nd second
	3rd third
	4th fourth
	5th fifth
	6th sixth
	7th seventh
	8th eighth
	9th ninth
	10th tenth
	11th eleventh
	12th twelfth
`)

// firstWords are letters that stand for a kind of street before its name.
var firstWords = synonyms(`
	calle c cl
	rue r
	via v
	ul u
	piazza p
	ave a
	largo l
	os o
	trav tv t
`)

// gluedKinds are kinds of streets that are written together with the name.
var gluedKinds = func() (all []struct{ is, becomes string }) {
	for _, f := range strings.Fields("strasse:st straße:st straat:st stras:st str:st gasse:gasse weg:weg platz:pl plein:plein allee:allee laan:laan gracht:gracht kade:kade damm:damm ufer:ufer gatan:gata gata:gata gade:gade vagen:veg vegen:veg veien:veg vej:vej vei:veg veg:veg katu:katu kuja:kuja plads:pl plass:pl torget:torg street:st crescent:cres avenue:ave circuit:cct place:pl terrace:tce") {
		is, becomes, _ := strings.Cut(f, ":")
		all = append(all, struct{ is, becomes string }{is, becomes})
	}
	return all
}()

// unitWords stand before the number or letter of a flat, floor or door.
var unitWords = wordSet(`apt apartment apartement appartment appartement appt app apto apartamento flat flt unit suite ste room rm wohnung whg top stiege tur
	piso pso puerta pta pt escalera esc bloque blq bl interno int scala scal sc palazzina lokal lok m mieszkanie mieszk kv kvartira byt lgh lagenhet lakas daire d kat bus bte
	boite bat batiment etage etg stock floor fl level lvl lot door office ofc shop block bldg building tower villa entrance entree no2 apart andar sala bloco conj ap lt dept departamento depto`)

// floorWords stand behind the number of a floor.
var floorWords = wordSet("floor fl og obergeschoss stock etage piso piano em emelet sal andar kerros patro verdieping")

// numberWords stand before a house number.
var numberWords = wordSet("no nr num number nro n numero nummer nummero numer c cp cislo d house hausnummer bld dom")

// boxes are the words for a post office box, written together.
var boxes = wordSet("pobox postofficebox gpobox postfach postbus postboks postbox apartado apartadodecorreos apdo casellapostale caixapostal boitepostale lockedbag privatebag skrytkapocztowa postlokero pof")

var months = wordSet("januar january februar february marz march april mai may juni june juli july august september oktober october november dezember december janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre maja listopada stycznia")
