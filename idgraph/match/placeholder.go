package match

import "strings"

// notNames lists what stands in name fields that had to be filled, and is no
// name anywhere.
var notNames = wordSet(`unknown notknown notprovided notavailable noname nofirstname nolastname nosurname undefined unnamed anonymous
	unbekannt keinname ohnename keineangabe inconnu inconnue sansnom nonrenseigne desconocido desconocida sinnombre semnome desconhecido
	sconosciuto sconosciuta nieznany nieznana brakdanych onbekend geennaam okand ukendt ukjent tuntematon neznamy neizvestno
	tbd tba xxx xxxx firstname lastname givenname familyname surname vorname nachname`)

// hardlyName lists what is a name too: it counts as none where both the given
// and the family name are such, or the other one is missing.
var hardlyName = wordSet(`test testing tester testuser testtest guest customer client user admin administrator default dummy sample example name
	null none nil na n nan void fake first last mr mrs ms herr frau kunde kundin gast benutzer cliente invitado usuario utente ospite
	utilisateur invite prueba prova teste essai gosc klient klant asdf qwerty abc private company account new delete deleted`)

// nameless says that names are placeholders.
func nameless(given, family []string) bool {
	if len(given)+len(family) == 0 {
		return true
	}
	for _, parts := range [][]string{given, family} {
		if s := strings.Join(parts, ""); s != "" && !notNames[s] && !hardly(parts) {
			return false
		}
	}
	return true
}

func hardly(parts []string) bool {
	for _, p := range parts {
		if !hardlyName[p] && !(len(p) >= 3 && monotone(p)) && !digitsOnly(p) && !notNames[p] {
			return false
		}
	}
	return true
}
