// The registry from Go, with the client that openapi-generator makes.
//
//	scenario URL FOLDER      FOLDER holds the keys of the demo's clients
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"registry"
	"strings"
	"time"
)

const body, number = "CNCA-R-2006-148", "SDK/〔2026〕generator-go-1"

var url, folder = os.Args[1], os.Args[2]

func main() {
	configuration := registry.NewConfiguration()
	configuration.Servers = registry.ServerConfigurations{{URL: url}}
	configuration.AddDefaultHeader("Accept-Language", "en")
	client := registry.NewAPIClient(configuration)
	everybody := context.Background()

	// Reads of what is public need no token. Search in Chinese:
	found, _, err := client.ProductsAPI.ListProducts(everybody).Q("内平开").Execute()
	must(err)
	assert(len(found.Items) > 0, "nothing was found")
	assert(countProducts(everybody, client) >= 2, "a page is missing")

	// From here on as a certification body.
	token := getToken(everybody, client)
	us := context.WithValue(everybody, registry.ContextAccessToken, token)

	// Push a certificate. The client encodes the number, whatever it holds.
	pushed, response, err := client.CertificationBodiesAPI.PushCertificate(us, body, number).
		CertificateInput(record("")).Execute()
	must(err)
	assert(pushed.Number == number && response.Header.Get("Content-Location") != "", "it was recorded as another")
	assert(verify(us, client).Eligibility == "eligible", "it is not eligible")

	// A batch: each line has its own outcome, and one that is refused says why.
	late := record("SDK/〔2026〕generator-go-3")
	late.ValidUntil = "2020-01-01"
	batch, _, err := client.CertificatesAPI.PushCertificates(us, body).Mode("each").IdempotencyKey(unique()).
		CertificateInput([]registry.CertificateInput{record("SDK/〔2026〕generator-go-2"), late}).Execute()
	must(err)
	assert(batch.Created == 1 && batch.Refused == 1, "the batch came to something else")
	assert(*batch.Outcomes[1].Errors[0].Source.Pointer == "/valid_until", "another field is at fault")

	// Take a step: the certificate is suspended from today, and the verdict follows.
	suspend := registry.NewCertificateTransition(registry.CERTIFICATESTEP_SUSPEND)
	suspend.SetReason("0203")
	step, _, err := client.CertificatesAPI.StepCertificate(us, pushed.Id).IdempotencyKey(unique()).
		CertificateTransition(*suspend).Execute()
	must(err)
	assert(step.ReportedStatus == "02", "it is not suspended")
	suspended := verify(us, client)
	assert(suspended.Eligibility == "not_eligible", "it is still eligible")
	assert(suspended.Reasons[0].Code == "certificate_suspended", "for another reason")

	// A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
	wrong := record("")
	wrong.Holder.SetUscc("91230607716675409X")
	_, _, err = client.CertificationBodiesAPI.PushCertificate(us, body, "SDK/〔2026〕generator-go-4").
		CertificateInput(wrong).Execute()
	var refused *registry.GenericOpenAPIError
	assert(errors.As(err, &refused), "it was taken")
	problem, known := refused.Model().(registry.Problem)
	assert(known && strings.HasSuffix(problem.Type, "/problems/invalid"), "it is another problem")
	assert(*problem.Errors[0].Source.Pointer == "/holder/uscc", "another field is at fault")

	// A value that this client does not know, of a registry newer than it, is a text like any other.
	text, err := json.Marshal(suspended)
	must(err)
	var newer registry.Verdict
	must(json.Unmarshal([]byte(strings.Replace(string(text), "certificate_suspended", "certificate_mislaid", 1)), &newer))
	assert(newer.Reasons[0].Code == "certificate_mislaid", "the reason is lost")
}

// countProducts reads all pages: `next` is the cursor of the next one, and absent on the last.
func countProducts(ctx context.Context, client *registry.APIClient) int {
	count, request := 0, client.ProductsAPI.ListProducts(ctx).Limit(1)
	for {
		page, _, err := request.Execute()
		must(err)
		count += len(page.Items)
		if page.Page.Next == nil {
			return count
		}
		request = request.Cursor(*page.Page.Next)
	}
}

// record is a certificate as its body records it; a batch says the number in it.
func record(number string) registry.CertificateInput {
	it := registry.NewCertificateInput(*registry.NewPartyInput("大庆示例门窗有限公司"), "内平开塑料窗",
		"2026-01-05", "2031-01-04", registry.REPORTEDSTATUSINPUT_VALID)
	it.SetScheme(registry.SCHEMEINPUT_STAR_CERTIFICATION)
	it.SetKind("gbm-09")
	it.SetStar(3)
	it.SetUnits([]registry.CertifiedUnitInput{{Name: "65系列内平开窗", Models: []string{"65系列"}}})
	if number != "" {
		it.SetNumber(number)
	}
	return *it
}

// verify is the verdict on the certificate, today.
func verify(ctx context.Context, client *registry.APIClient) registry.QuestionVerdict {
	question := registry.NewVerificationQuestion()
	question.SetCertificateNumber(number)
	question.SetCertificationBody(body)
	answer, _, err := client.VerificationAPI.Verify(ctx).
		Verification(*registry.NewVerification([]registry.VerificationQuestion{*question})).Execute()
	must(err)
	return answer.Verdicts[0]
}

// getToken gets a token by private_key_jwt: the client signs who it is with its own key, once for each token.
func getToken(ctx context.Context, client *registry.APIClient) string {
	answer, response, err := client.TokensAPI.IssueToken(ctx).
		GrantType("client_credentials").
		ClientAssertionType("urn:ietf:params:oauth:client-assertion-type:jwt-bearer").
		ClientAssertion(assertion("certification-body")).Execute()
	must(err)
	assert(response.StatusCode == http.StatusOK, "there is no token")
	return answer.AccessToken
}

// assertion is a JWT; a library for JWT does the same.
func assertion(name string) string {
	text, err := os.ReadFile(filepath.Join(folder, "clients.json"))
	must(err)
	var clients map[string]string
	must(json.Unmarshal(text, &clients))
	text, err = os.ReadFile(filepath.Join(folder, name+".pem"))
	must(err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	must(err)
	// `aud` is the issuer, exactly as /.well-known/oauth-authorization-server names it.
	claims, err := json.Marshal(map[string]interface{}{
		"iss": clients[name], "sub": clients[name], "aud": url, "jti": unique(), "exp": time.Now().Unix() + 60,
	})
	must(err)
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"ES256"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), digest[:])
	must(err)
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return signed + "." + encode(signature)
}

// unique is an id that is used once.
func unique() string {
	id := make([]byte, 16)
	_, err := rand.Read(id)
	must(err)
	return hex.EncodeToString(id)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func assert(holds bool, otherwise string) {
	if !holds {
		log.Fatal(otherwise)
	}
}
