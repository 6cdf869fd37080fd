package attribute_test

import (
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
)

func worker(t testing.TB) *attribute.Worker {
	t.Helper()
	return shipped(t).NewWorker()
}

// TestKinds: what a product is without a known brand. The first group is of the
// kind, the second only speaks of it.
func TestKinds(t *testing.T) {
	w := worker(t)
	for _, tt := range []struct {
		want string
		p    offshelf.Product
	}{
		{"drone", offshelf.Product{Title: "Foldable GPS Drone with 4K Camera for Adults, 60 Mins Flight"}},
		{"drone", offshelf.Product{Title: "Skyrider X7 Quadcopter"}},
		{"drone", offshelf.Product{Title: "Drone camera 4K HD"}},
		{"drone", offshelf.Product{Title: "Mini drone for kids, LED lights"}},
		{"drone", offshelf.Product{Title: "Drohne mit Kamera 4K"}},
		{"drone", offshelf.Product{Title: "Aero Vision Plus Quadcopter with Gimbal"}},
		{"drone", offshelf.Product{Title: "Skyrider X7", Category: "Toys > Hobbies > Drones"}},
		{"drone", offshelf.Product{Title: "FPV Drone Kit - Carbon Frame 5 inch"}},
		{"router", offshelf.Product{Title: "AX3000 Dual Band WiFi 6 Router"}},
		{"router", offshelf.Product{Title: "Mesh router system, 3 pack"}},
		{"router", offshelf.Product{Title: "AX3000", CategoryCode: "google:Electronics > Networking > Bridges & Routers > Wireless Routers"}},
		{"router", offshelf.Product{Title: "AX3000 WiFi router", CategoryCode: "google:342"}},
		{"router", offshelf.Product{Title: "AX3000 WiFi router", CategoryCode: "google:9999999"}},
		{"inverter", offshelf.Product{Title: "2000W Pure Sine Wave Inverter 12V to 110V"}},
		{"inverter", offshelf.Product{Title: "Power inverter for car, 300W"}},
		{"inverter", offshelf.Product{Title: "X300", CategoryCode: "google:Hardware > Power & Electrical Supplies > Power Inverters"}},
		{"advanced-robot", offshelf.Product{Title: "B2 Industrial Quadruped Robot"}},

		{"", offshelf.Product{Title: "Propeller for drone, 4 pieces"}},
		{"", offshelf.Product{Title: "Drone propellers, 4 pieces"}},
		{"", offshelf.Product{Title: "Drone landing pad 75 cm"}},
		{"", offshelf.Product{Title: "Landing pad for drones"}},
		{"", offshelf.Product{Title: "Backpack for DJI drone"}},
		{"", offshelf.Product{Title: "Battery compatible with quadcopter X7"}},
		{"", offshelf.Product{Title: "Drone Pilot T-Shirt"}},
		{"", offshelf.Product{Title: "I love drones t shirt, unisex"}},
		{"", offshelf.Product{Title: "Drones for dummies paperback"}},
		{"", offshelf.Product{Title: "GPS drone propeller guard", Category: "Drones"}},
		{"", offshelf.Product{Title: "Carbide router bit set, 15 pieces"}},
		{"", offshelf.Product{Title: "Router table with fence, woodworking"}},
		{"", offshelf.Product{Title: "1.25 HP compact router, variable speed"}},
		{"", offshelf.Product{Title: "CNC router machine 3018"}},
		{"", offshelf.Product{Title: "Wall mount for WiFi router"}},
		{"", offshelf.Product{Title: "Power adapter 12V for router"}},
		{"", offshelf.Product{Title: "Router antenna 5dBi, 2 pack"}},
		{"", offshelf.Product{Title: "8-port gigabit switch", Category: "Computers > Routers"}},
		{"", offshelf.Product{Title: "LCD inverter board for laptop"}},
		{"", offshelf.Product{Title: "Inverter air conditioner 12000 BTU"}},
		{"", offshelf.Product{Title: "3500W inverter generator"}},
		{"", offshelf.Product{Title: "Robot toy for kids, humanoid robot"}},
		{"", offshelf.Product{Title: "Robot vacuum cleaner"}},
		{"", offshelf.Product{Title: "Skyrider drone", CategoryCode: "google:784"}},
		{"", offshelf.Product{Title: "Tactical boots", Description: "drone router inverter"}},
		{"", offshelf.Product{}},
	} {
		if _, k := w.Look(&tt.p); k.Class != tt.want {
			t.Errorf("%q, %q, %q: %+v, want %q", tt.p.Title, tt.p.Category, tt.p.CategoryCode, k, tt.want)
		} else if (k.Class == "") != (k.Probability == 0) {
			t.Errorf("%q: %+v", tt.p.Title, k)
		}
	}
}

// TestCodes: a code says the class before any word, an unknown one leaves it to
// the words.
func TestCodes(t *testing.T) {
	w := worker(t)
	for _, tt := range []struct{ code, title, want string }{
		{"", "Honeywell smart thermostat", "alarm"},
		{"google:342", "Honeywell smart thermostat", "network"},
		{"google:342", "Honeywell AX router", "router"},
		{"google:Electronics > Networking > Hubs & Switches", "Honeywell 8 port", "network"},
		{"google:electronics>networking", "Honeywell 8 port", "network"},
		{"gpc:67010101", "Honeywell jacket", "apparel"},
		{"gpc:67000000", "Honeywell 8 port", "apparel"},
		{"gpc:10001234", "Honeywell smart thermostat", "alarm"},
		{"google:", "Honeywell smart thermostat", "alarm"},
		{"nonsense", "Honeywell smart thermostat", "alarm"},
		{"google:Alimentation > Fromage", "Honeywell smart thermostat", "alarm"},
	} {
		a := w.Attribute(&offshelf.Product{Title: tt.title, Brand: "Honeywell", CategoryCode: tt.code})
		if len(a) == 0 || a[0].Goods != tt.want {
			t.Errorf("%s %q: %+v, want %s", tt.code, tt.title, a, tt.want)
		}
	}
}

func FuzzLook(f *testing.F) {
	f.Add("DJI drone plus router", "Toys > Drones", "google:342")
	f.Add("inverter router drone", ">>>", "gpc:67000000")
	f.Add("Drohnen für\xff", "/|>", "google:>")
	w := worker(f)
	f.Fuzz(func(t *testing.T, title, category, code string) {
		p := &offshelf.Product{Title: title, Category: category, CategoryCode: code}
		if _, k := w.Look(p); k.Probability < 0 || k.Probability >= 1 {
			t.Fatalf("%+v", k)
		}
	})
}
