package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// A provider is what is publicly documented of how a mail provider reads the
// part before the @.
type provider struct {
	domain string // under which all its names are one
	dots   bool   // dots make no difference
	tag    string // what follows this sign makes no difference
}

// providers by domain. A domain that is not here keeps dots and tags: there
// they may tell two people apart.
var providers = func() map[string]provider {
	all := map[string]provider{}
	for _, p := range []struct {
		provider
		domains string
	}{
		{provider{"gmail.com", true, "+"}, "gmail.com googlemail.com"},
		{provider{"", false, "+"}, "outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.com.br outlook.co.uk"},
		{provider{"", false, "+"}, "hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de live.fr live.nl msn.com"},
		{provider{"icloud.com", false, "+"}, "icloud.com me.com mac.com"},
		{provider{"", false, "+"}, "fastmail.com fastmail.fm"},
		{provider{"proton.me", true, "+"}, "proton.me protonmail.com protonmail.ch pm.me"},
		{provider{"yandex.ru", false, "+"}, "yandex.ru yandex.com ya.ru yandex.by yandex.kz"},
		{provider{"", false, "+"}, "zoho.com zohomail.com zohomail.eu tutanota.com tuta.io mailbox.org posteo.de posteo.net runbox.com hey.com pobox.com mailfence.com"},
		{provider{"", false, "-"}, "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.com.au yahoo.co.in ymail.com rocketmail.com"},
	} {
		for _, d := range strings.Fields(p.domains) {
			all[d] = p.provider
		}
	}
	return all
}()

// email is the normal form of an address: what the provider makes of it, in
// lower case, the domain in ASCII.
func email(s string) (string, bool) {
	if !plain(s) {
		s = norm.NFC.String(s)
	}
	s = strings.TrimFunc(s, func(c rune) bool {
		return unicode.IsSpace(c) || c >= utf8.RuneSelf && unicode.Is(unicode.Cf, c)
	})
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") { // Ada Byron <ada@example.com>
		s = strings.TrimSpace(s[open+1 : len(s)-1])
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > 254 || at > 64 {
		return "", false
	}
	local := strings.ToLower(s[:at])
	domain, ok := asciiDomain(strings.TrimSuffix(s[at+1:], "."))
	if !ok || !strings.Contains(domain, ".") || strings.ContainsFunc(local, notInLocal) {
		return "", false
	}
	if p, ok := providers[domain]; ok {
		if cut := strings.Index(local, p.tag); cut > 0 {
			local = local[:cut]
		}
		if p.dots {
			local = strings.ReplaceAll(local, ".", "")
		}
		if p.domain != "" {
			domain = p.domain
		}
	}
	if local == "" || nobody(local) || noDomain[domain] || echo(local, domain) {
		return "", false
	}
	return local + "@" + domain, true
}

// asciiDomain is a domain in lower case, international names in ASCII.
func asciiDomain(s string) (string, bool) {
	if lower := strings.ToLower(s); plainDomain(lower) {
		return lower, true
	}
	s, err := idna.Lookup.ToASCII(s)
	return strings.ToLower(s), err == nil
}

// plainDomain says that a domain is letters and digits with single hyphens
// between them: nothing that needs looking at.
func plainDomain(s string) bool {
	before := byte('.')
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', digit(c):
		case c != '.' && c != '-', before == '.', before == '-':
			return false
		}
		before = s[i]
	}
	return before != '.' && before != '-'
}

// echo says that an address is a few letters said twice: "a@a.com".
func echo(local, domain string) bool {
	first, _, _ := strings.Cut(domain, ".")
	return len(local) <= 3 && local == first
}

func notInLocal(c rune) bool {
	return c <= ' ' || c == 0x7f || unicode.IsSpace(c) || strings.ContainsRune(`@,;:<>()[]"\`, c)
}

// nobody says that a local part stands where there is no address.
func nobody(local string) bool {
	if monotone(local) {
		return true
	}
	var space [64]byte
	bare := space[:0]
	for i := range len(local) {
		if c := local[i]; c != '.' && c != '-' && c != '_' {
			bare = append(bare, c)
		}
	}
	s := strings.Trim(string(bare), "0123456789")
	return noLocal[s] || s == "" && len(local) < 4
}

// noLocal lists what people type before the @ when they have no address, and
// senders that nobody reads.
var noLocal = wordSet(`
	none n/a null noemail nomail noaddress notprovided notavailable notapplicable notgiven unknown undefined nobody noone noemailaddress
	donthave doesnothave refused declined withheld nospam
	noreply donotreply nereply neantworten nichtantworten nepasrepondre noresponder naoresponda nonrispondere mailerdaemon bounce bounces
	asdf asdfgh qwerty qwertz azerty test testing tester testuser testmail testemail dummy fake example invalid anonymous anon abc abcd xyz foobar
	keine keinemail keineemail keineangabe unbekannt hatkeine inconnu aucun aucune pasdemail pasdadresse sansemail sinemail sincorreo sinmail notiene noaplica ninguno
	semmail sememail naotem naopossui desconhecido nessuno nessuna nonha senzaemail sconosciuto brak brakmaila niema nieznany geen geenemail geenmail onbekend
	ingen ingenmail ingenepost saknas okand ukendt ukjent eioo tuntematon zadny nema nincs yok netu netpochty
`)

// noDomain lists domains that stand in for a missing address, and reserved
// names under which nobody has a mailbox. (example.com and its like are kept:
// test systems are full of people who have theirs there.)
var noDomain = wordSet(`
	none.com none.none none.none.com noemail.com noemail.net noemail.org nomail.com nomail.net nomail.org noreply.com noaddress.com noone.com nobody.com unknown.com unknown.unknown
	test.test no.no no.com na.na na.com n.a abc.abc aaa.com xxx.xxx xx.xx asdf.com email.invalid mail.invalid example.invalid invalid.invalid invalid.com placeholder.com dummy.com fake.com fakemail.com
	keine.de keinemail.de unbekannt.de mailinator.com guerrillamail.com 10minutemail.com tempmail.com trashmail.com yopmail.com
`)

// shared says that an address is a role's, not a person's: several people
// read it, whoever is known to.
func shared(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	if roles[local] {
		return true
	}
	bare := strings.Trim(joiners.Replace(local), "0123456789")
	return len(bare) >= 4 && roles[bare] // shorter ones are initials and a year
}

// joiners stand between the words of a role.
var joiners = strings.NewReplacer(".", "", "-", "", "_", "")

// roles lists mailboxes named after work: RFC 2142's names and what shops and
// offices print on their doors.
var roles = wordSet(`
	abuse account accounts accounting accountspayable accountsreceivable admin administration administrator admissions adops advertising alerts assistant
	billing board booking bookings branch careers ceo cfo claims clinic community compliance concierge contact contacts contactus cs customer customercare customerrelations
	customers customerservice customerservices customersupport data delivery deliveries desk devnull dispatch distribution dpo ecommerce editor editorial email enquiries enquiry events everyone
	facilities family feedback finance fleet frontdesk fulfillment gdpr general generalmanager groups guestservices head headoffice hello help helpdesk home hostmaster hq hr human humanresources
	info information inquiries inquiry insurance inventory investors invoice invoices invoicing it itsupport jobs kitchen lab legal letters library listserv local logistics
	mail mailbox mailing main maintenance management manager marketing media members membership merchandise moderator news newsletter newsletters noc notifications
	office officeadmin officemanager online operations ops order orders owner parts partners payable payment payments payroll pharmacy post postmaster press principal privacy production procurement
	projects property public purchase purchases purchasing quality quote quotes reception receptionist records recruiting recruitment refunds registrar registration rentals repairs reply request requests
	research reservation reservations retail returns root safety sale sales salesteam schedule scheduling school secretary security service servicedesk services shipping shipments
	shop showroom sms social spam staff stock store stores studio subscribe subscriptions supplies supply support suppliers sysadmin team tech technical techsupport tickets trade trading training travel treasurer
	us usenet vendors volunteer volunteers wholesale warehouse web webinfo webmaster website welcome workshop work www xmlrpc
	anfrage anfragen anmeldung auftrag auftraege auskunft bestellung bestellungen bewerbung buchhaltung buchung buero büro datenschutz disposition einkauf empfang ersatzteile gemeinde geschaeftsfuehrung
	geschäftsführung hallo hausverwaltung hotline kanzlei kasse kirche kontakt kundendienst kundenservice lager laden leitung lieferung logistik mahnung personal personalabteilung pfarramt praxis presse rechnung rechnungen
	redaktion reservierung schule sekretariat serviceteam technik termine verein verkauf versand vertrieb verwaltung vorstand werkstatt zentrale
	accueil achat achats adherents agence administratif boutique cabinet clientele client clients commande commandes commercial compta comptabilite comptabilité courrier devis direction ecole facturation factures formation gestion
	gerance livraison magasin mairie presse recrutement reclamation relationclient renseignements reservation rh secretariat secrétariat service-client serviceclient serviceclients siege technique ventes
	administracion administración almacen atencion atencioncliente atencionalcliente cliente clientes cobros comercial compras comunicacion consultas contabilidad contacto correo direccion envios facturacion facturas gerencia
	informacion logistica oficina pagos pedidos personal prensa presupuestos proveedores recepcion recursoshumanos reservas rrhh secretaria servicioalcliente soporte taller tecnico tesoreria tienda ventas
	administracao administrativo atendimento compras contabilidade contato diretoria entregas estoque faturamento fiscal financeiro loja orcamento rh sac suporte vendas
	acquisti amministrazione assistenza clienti commerciale contabilita contabilità contatti direzione fatture fatturazione informazioni magazzino negozio ordini prenotazioni preventivi segreteria spedizioni ufficio vendite
	aanvraag administratie afspraak bestelling bestellingen boekhouding directie factuur facturen inkoop klant klanten klantenservice magazijn onthaal planning receptie verkoop winkel
	administrasjon bestilling bogholderi butik butikk ekonomi faktura firma firmapost forsaljning indkob indkøb inkop innkjop kontor kundeservice kundtjanst kundtjänst lager ordre order post postmottak regnskab regnskap salg varasto myynti
	asiakaspalvelu laskut toimisto tilaukset
	administracja biuro dzialhandlowy faktury handlowy kadry ksiegowosc kontakt obsluga obslugaklienta poczta reklamacje rekrutacja sekretariat serwis sklep sprzedaz wysylka zakupy zamowienia
	dotazy eshop fakturace fakturacie info kancelar objednavka objednavky obchod odbyt podpora prodejna predaj predajna reklamace servis ucetni uctarna uctovnictvo nakup
	ertekesites iroda megrendeles penzugy rendeles szamlazas ugyfelszolgalat vevoszolgalat comenzi contabilitate vanzari birou bilgi destek iletisim musteri muhasebe satis siparis insankaynaklari
	buh buhgalteriya ofis otdel prodazhi zakaz zakazy zakupki priemnaya magazin sklad
`)
