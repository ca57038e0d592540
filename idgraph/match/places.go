package match

import "strings"

// countryOf is the ISO 3166 code of a country by its code or name; "" where it
// is unknown.
func countryOf(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 2 && letters(s) {
		switch s = strings.ToUpper(s); s {
		case "UK":
			return "GB"
		case "EL":
			return "GR"
		}
		return s
	}
	if s == "" {
		return ""
	}
	return countryNames[strings.Join(fold(s), "")]
}

// countryNames by their folded name or code of three letters.
var countryNames = func() map[string]string {
	all := map[string]string{}
	for name, code := range synonyms(`
		US usa unitedstates unitedstatesofamerica america vereinigtestaaten etatsunis estadosunidos eeuu statiuniti
		GB gbr uk unitedkingdom greatbritain england scotland wales northernireland britain vereinigteskonigreich grossbritannien royaumeuni reinounido
		IE irl ireland irland eire republicofireland
		DE deu germany deutschland allemagne alemania germania duitsland niemcy nemecko
		AT aut austria osterreich autriche oesterreich
		CH che switzerland schweiz suisse svizzera suiza
		FR fra france frankreich francia frankrijk franca
		BE bel belgium belgien belgique belgie
		NL nld netherlands niederlande nederland thenetherlands holland paysbas paisesbajos
		LU lux luxembourg luxemburg
		ES esp spain spanien espana espagne spagna
		PT prt portugal
		IT ita italy italien italia italie
		PL pol poland polen polska pologne
		CZ cze czechia czechrepublic tschechien ceskarepublika cesko
		SK svk slovakia slowakei slovensko
		HU hun hungary ungarn magyarorszag
		DK dnk denmark danemark danmark
		SE swe sweden schweden sverige
		NO nor norway norwegen norge
		FI fin finland finnland suomi
		IS isl iceland island
		GR grc greece griechenland ellada hellas
		TR tur turkey turkei turkiye
		RU rus russia russland rossiya russianfederation
		UA ukr ukraine ukraina
		RO rou romania rumanien
		BG bgr bulgaria bulgarien bulgariya
		HR hrv croatia kroatien hrvatska
		RS srb serbia serbien srbija
		SI svn slovenia slowenien slovenija
		EE est estonia estland eesti
		LV lva latvia lettland latvija
		LT ltu lithuania litauen lietuva
		CA can canada kanada
		MX mex mexico mexiko
		BR bra brazil brasil brasilien
		AR arg argentina argentinien
		CL chl chile
		CO col colombia kolumbien
		PE per peru
		AU aus australia australien
		NZ nzl newzealand neuseeland aotearoa
		IN ind india indien bharat
		PK pak pakistan
		BD bgd bangladesh
		CN chn china peoplesrepublicofchina
		JP jpn japan nippon
		KR kor southkorea korea republicofkorea
		TW twn taiwan
		HK hkg hongkong
		SG sgp singapore
		MY mys malaysia
		PH phl philippines
		ID idn indonesia
		TH tha thailand
		VN vnm vietnam
		KH khm cambodia
		LI lie liechtenstein
		LK lka srilanka
		NP npl nepal
		ZA zaf southafrica sudafrika
		NG nga nigeria
		KE ken kenya
		GH gha ghana
		EG egy egypt agypten
		MA mar morocco maroc marokko
		DZ dza algeria algerie
		TN tun tunisia tunisie
		IL isr israel
		AE are unitedarabemirates uae
		SA sau saudiarabia
	`) {
		all[strings.ToLower(name)] = code
	}
	return all
}()

// regionOf is the code of a state by its code or name, and else the folded name.
func regionOf(s string) string {
	if s == "" {
		return ""
	}
	name := strings.Join(fold(s), " ")
	if code := states[strings.ReplaceAll(name, " ", "")]; code != "" {
		return code
	}
	if noAddress[strings.ReplaceAll(name, " ", "")] {
		return ""
	}
	return key(name)
}

// states of the United States, Canada and Australia by code and name.
var states = synonyms(`
	al alabama
	ak alaska
	az arizona
	ar arkansas
	ca california
	co colorado
	ct connecticut
	de delaware
	dc districtofcolumbia
	fl florida
	ga georgia
	hi hawaii
	id idaho
	il illinois
	in indiana
	ia iowa
	ks kansas
	ky kentucky
	la louisiana
	me maine
	md maryland
	ma massachusetts
	mi michigan
	mn minnesota
	ms mississippi
	mo missouri
	mt montana
	ne nebraska
	nv nevada
	nh newhampshire
	nj newjersey
	nm newmexico
	ny newyork
	nc northcarolina
	nd northdakota
	oh ohio
	ok oklahoma
	or oregon
	pa pennsylvania
	pr puertorico
	ri rhodeisland
	sc southcarolina
	sd southdakota
	tn tennessee
	tx texas
	ut utah
	vt vermont
	va virginia
	wa washington
	wv westvirginia
	wi wisconsin
	wy wyoming
	nsw newsouthwales
	vic victoria
	qld queensland
	sa southaustralia
	tas tasmania
	act australiancapitalterritory
	nt northernterritory
	on ontario
	qc quebec
	bc britishcolumbia
	ab alberta
	mb manitoba
	sk saskatchewan
	ns novascotia
	nb newbrunswick
	nl newfoundland newfoundlandandlabrador
	pe princeedwardisland
`)

// ownNames are cities' names at home by their names abroad, in key letters.
var ownNames = func() map[string]string {
	all := map[string]string{}
	for name, own := range synonyms(`
		munchen munich monaco_di_baviera
		koln cologne colonia
		nurnberg nuremberg
		hannover hanover
		braunschweig brunswick
		frankfurt frankfurt_am_main frankfurt_main frankfurt_a_m
		wien vienna vienne viena
		zurich zurigo
		geneve geneva genf ginevra
		basel basle bale
		bern berne berna
		luzern lucerne
		praha prague prag praga
		brno brunn
		bratislava pressburg
		warszawa warsaw warschau varsovie varsovia
		krakow cracow krakau
		wroclaw breslau
		gdansk danzig
		lisboa lisbon lissabon lisbonne
		porto oporto
		roma rome rom
		milano milan mailand
		venezia venice venedig venise
		firenze florence florenz
		torino turin
		napoli naples neapel
		genova genoa genua
		sevilla seville
		bruxelles brussels brussel brussel
		antwerpen antwerp anvers
		gent ghent gand
		brugge bruges
		liege luttich luik
		den_haag the_hague s_gravenhage sgravenhage la_haye
		kobenhavn copenhagen kopenhagen copenhague
		goteborg gothenburg
		helsinki helsingfors
		moskva moscow moskau moscou
		sankt_peterburg saint_petersburg st_petersburg
		kyiv kiev kiew
		athina athens athen
		thessaloniki salonica
		bucuresti bucharest bukarest
		beograd belgrade belgrad
		sofia sofiya
		budapest
		istanbul constantinople
		new_york new_york_city nyc
		mexico_city ciudad_de_mexico cdmx
		beijing peking
		mumbai bombay
		kolkata calcutta
		chennai madras
		bengaluru bangalore
	`) {
		all[strings.ReplaceAll(name, "_", " ")] = strings.ReplaceAll(own, "_", " ")
	}
	return all
}()
