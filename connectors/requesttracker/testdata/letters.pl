# What people write in the suite's tickets, as it would come by mail: in their own names.
#
#     RT_SITE_CONFIG=$STATE_DIR/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=/dev/null \
#     perl -I/usr/share/request-tracker5/lib letters.pl        once, after additions.py
use RT -init;
use MIME::Entity;
my ($zoe, $wei) = ("Zoe.Cruz\@Example.org", "WTANAKA\@POST.EXAMPLE");
sub says { my ($who, $id, $type, $mime) = @_;
  my $cu = RT::CurrentUser->new; $cu->Load($who); die $who unless $cu->id;
  my $t = RT::Ticket->new($cu); $t->LoadById($id);
  my ($ok, $msg) = $t->_NewTransaction(Type => $type, MIMEObj => $mime, ActivateScrips => 0, NoteType => $type);
  print "$who $id $type: $ok $msg\n"; sleep 1; }
sub text { MIME::Entity->build(Type => 'text/plain', Charset => 'UTF-8', Data => [Encode::encode('UTF-8', shift)]) }
sub mixed { my $m = MIME::Entity->build(Type => 'multipart/alternative');
  $m->attach(Type => 'text/html', Charset => 'UTF-8', Data => ["<p>Hinterhaus, <b>second</b> floor.</p>"]);
  $m->attach(Type => 'text/plain', Charset => 'UTF-8', Data => ["Hinterhaus, second floor."]); $m }
sub file { my $m = MIME::Entity->build(Type => 'multipart/mixed');
  $m->attach(Type => 'text/plain', Filename => 'log.txt', Disposition => 'attachment', Data => ["hum hum hum"]); $m }
says('root', 1, 'Correspond', text("Which floor, please?"));
says($zoe, 1, 'Correspond', mixed());
says('root', 1, 'Comment', text("She always says so."));
says('root', 1, 'Correspond', MIME::Entity->build(Type => 'text/html', Charset => 'UTF-8', Data => ["<html><head><style>p{}</style></head><body><p>Thank you.</p><p>We&rsquo;ll be there &amp; look.<br>Bye</p></body></html>"]));
says($zoe, 1, 'Correspond', file());
says('RT_System', 6, 'Correspond', text("We are closed until Monday."));
