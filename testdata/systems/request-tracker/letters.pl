# What is written in a ticket, as it would come by mail: in everybody's own name.
#   RT_SITE_CONFIG=$STATE_DIR/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=/dev/null \
#   perl -I/usr/share/request-tracker5/lib letters.pl TICKET LOGIN       LOGIN is its requestor
use RT -init;
use MIME::Entity;
my ($id, $customer) = @ARGV;
sub says { my ($who, $type, $mime) = @_;
  my $cu = RT::CurrentUser->new; $cu->Load($who); die "no user" unless $cu->id;
  my $t = RT::Ticket->new($cu); $t->LoadById($id);
  my ($ok, $msg) = $t->_NewTransaction(Type => $type, MIMEObj => $mime, ActivateScrips => 0, NoteType => $type);
  die $msg unless $ok; }
sub part { MIME::Entity->build(Type => $_[0], Charset => 'UTF-8', Data => [Encode::encode('UTF-8', $_[1])]) }
sub parts { my $m = MIME::Entity->build(Type => "multipart/$_[0]"); $m->add_part($_) for @_[1 .. $#_]; $m }
my $log = MIME::Entity->build(Type => 'text/plain', Filename => 'log.txt', Disposition => 'attachment', Data => ["hum hum hum"]);
says($customer, 'Correspond', parts('alternative', part('text/html', "<p>Caf\x{e9}, <b>second</b> floor.</p>"), part('text/plain', "Caf\x{e9}, second floor.\n")));
says('root', 'Comment', part('text/plain', "Always the second floor."));
says('root', 'Correspond', part('text/html', "<html><body><p>It <b>works</b>.</p><p>We&rsquo;ll look again &amp; <i>write</i>.<br>Bye</p></body></html>"));
says($customer, 'Correspond', parts('mixed', $log));
says('RT_System', 'Correspond', part('text/plain', "We are closed until Monday."));
